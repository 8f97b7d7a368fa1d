//! A new migration is a new binary, though no Rust changed.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
