-- Takes work out of the queue that was done meanwhile, by whoever did it. What
-- somebody is at is left to them.
create function dequeue(keys text[]) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if to_regclass('graphile_worker._private_jobs') is not null then
        execute 'delete from graphile_worker._private_jobs where key = any($1) and locked_at is null' using keys;
    end if;
end
$$;
revoke execute on function dequeue from public;
grant execute on function dequeue to frontdesk_app, frontdesk_clinic;
