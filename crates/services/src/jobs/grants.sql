-- What the login needs of the queue, and nobody else.
grant usage on schema graphile_worker to frontdesk_app;
grant select, insert, update, delete on all tables in schema graphile_worker to frontdesk_app;
grant usage on all sequences in schema graphile_worker to frontdesk_app;
grant execute on all functions in schema graphile_worker to frontdesk_app;
do $$
declare
    kept record;
begin
    for kept in select c.relname from pg_class c
                where c.relnamespace = 'graphile_worker'::regnamespace and c.relkind = 'r' and c.relrowsecurity
    loop
        execute format('drop policy if exists login_works on graphile_worker.%I', kept.relname);
        execute format('create policy login_works on graphile_worker.%I to frontdesk_app using (true) with check (true)',
                       kept.relname);
    end loop;
end
$$;
