//! Every edge, over the real router and a real PostgreSQL.
