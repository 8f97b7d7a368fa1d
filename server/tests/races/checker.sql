-- Every way in which the book is not what it has to be, a line each. $1 is what
-- clients were told, in order.
with told as (
    select *
    from jsonb_to_recordset($1) as told (since int, n int, owner text, asked text, status int, hold_id uuid, appointment_id uuid,
                                         practitioner_id uuid, starts_at timestamptz)
),
-- 503 says nothing about whether it was done.
maybe as (select * from told where status = 503),
agreed as (select * from told where status in (200, 201)),
-- What keeps time: holds, and visits that were not called off.
kept as (
    select clinic_id, hold_id as id, appointment_type_id, practitioner_id, starts_at, ends_at from holds
    union all
    select clinic_id, appointment_id, appointment_type_id, practitioner_id, starts_at, ends_at from appointments
    where status <> 'cancelled'
),
taken as (
    select o.clinic_id, o.occupancy_id, coalesce(o.hold_id, o.appointment_id) as id, o.practitioner_id, o.room_id,
           coalesce(o.practitioner_id, o.room_id) as resource, o.during, o.overbooked, o.session_id, o.seat,
           k.appointment_type_id, t.capacity
    from occupancies o
    left join kept k on k.clinic_id = o.clinic_id and k.id = coalesce(o.hold_id, o.appointment_id)
    left join appointment_types t on t.clinic_id = k.clinic_id and t.appointment_type_id = k.appointment_type_id
),
-- Holds that are said to have ended.
ended as (
    select (payload ->> 'hold_id')::uuid as hold_id, count(*) as times
    from events
    where kind = 'HoldExpired'
    group by 1
),
needs as (select distinct clinic_id, appointment_type_id, need from room_needs),
happened as (
    select a.clinic_id, a.appointment_id, a.status,
           count(*) filter (where e.kind = 'BookingCreated') as created,
           count(*) filter (where e.kind = 'BookingRequested') as requested,
           count(*) filter (where e.kind = 'BookingCancelled') as cancelled
    from appointments a
    left join events e using (clinic_id, appointment_id)
    group by 1, 2, 3
),
-- Each move leaves one place for another; places passed through even out, and
-- what is left over is where the visit began and where it ended.
moves as (
    select clinic_id, appointment_id, payload -> side as place, case side when 'from' then 1 else -1 end as one
    from events, unnest(array['from', 'to']) side
    where kind = 'BookingRescheduled'
),
ends as (
    select clinic_id, appointment_id, (place ->> 'practitioner_id')::uuid as practitioner_id,
           (place ->> 'starts_at')::timestamptz as starts_at, sum(one) as sides
    from moves
    group by 1, 2, 3, 4
    having sum(one) <> 0
)

select format('overlap: %s and %s of %s', a.during, b.during, a.resource)
from taken a
join taken b on b.clinic_id = a.clinic_id and b.resource = a.resource and b.overbooked = a.overbooked
            and b.during && a.during and b.session_id <> a.session_id and b.occupancy_id > a.occupancy_id

union all
select format('oversold: %s seats of %s with %s', count(*), min(capacity), resource)
from taken
group by clinic_id, resource, session_id
having count(*) > min(capacity) or count(distinct seat) < count(*)
    or count(distinct (during, appointment_type_id)) > 1

union all
select format('stray: an occupancy of %s, which keeps no time', id)
from taken
where appointment_type_id is null

union all
select format('time: %s has %s of a practitioner''s', k.id, count(t.id))
from kept k
left join taken t on t.clinic_id = k.clinic_id and t.id = k.id and t.practitioner_id is not null
group by k.clinic_id, k.id, k.practitioner_id, k.starts_at, k.ends_at
having count(t.id) <> 1
    or not bool_and(t.practitioner_id = k.practitioner_id and t.during @> tstzrange(k.starts_at, k.ends_at))

union all
select format('rooms: %s has %s', k.id, count(t.id))
from kept k
left join taken t on t.clinic_id = k.clinic_id and t.id = k.id and t.room_id is not null
group by k.clinic_id, k.id, k.appointment_type_id
having count(t.id) <> (select count(*) from needs n
                       where n.clinic_id = k.clinic_id and n.appointment_type_id = k.appointment_type_id)

union all
select format('need: %s has no room for need %s', k.id, n.need)
from kept k
join needs n using (clinic_id, appointment_type_id)
where not exists (select
                  from taken t
                  join room_needs r using (clinic_id, appointment_type_id, room_id)
                  where t.clinic_id = k.clinic_id and t.id = k.id and r.need = n.need
                    and t.during @> tstzrange(k.starts_at, k.ends_at))

union all
select format('twice: the hold %s is a visit too', hold_id)
from holds
join appointments using (clinic_id, hold_id)

union all
select format('events: %s is %s, created %s, requested %s, cancelled %s', appointment_id, status, created, requested, cancelled)
from happened
where created + requested = 0 or created > 1 or requested > 1
   or cancelled <> case status when 'cancelled' then 1 else 0 end

union all
select format('event: %s of nothing', e.kind)
from events e
left join appointments a using (clinic_id, appointment_id)
where a.appointment_id is null
  -- A time that leave or a closure took is no visit's.
  and (e.kind like 'Booking%' or (e.kind = 'SlotOpened' and e.payload ->> 'appointment_type_id' is not null))

union all
select format('hold: %s ran out and is still there', h.hold_id)
from ended
join holds h using (hold_id)

union all
select format('hold: %s ran out and is the visit %s', a.hold_id, a.appointment_id)
from ended
join appointments a using (hold_id)

union all
select format('hold: %s ran out %s times', hold_id, times)
from ended
where times > 1

union all
select format('moves: %s did not end where it is', a.appointment_id)
from ends e
join appointments a using (clinic_id, appointment_id)
group by a.clinic_id, a.appointment_id, a.practitioner_id, a.starts_at
having count(*) filter (where sides = 1) <> 1 or count(*) <> 2
    or count(*) filter (where sides = -1 and e.practitioner_id = a.practitioner_id and e.starts_at = a.starts_at) <> 1

union all
select format('lost: %s was told of the visit %s', t.owner, t.appointment_id)
from agreed t
where t.asked = 'confirm'
  -- Of a series, the first visit comes of the hold.
  and not exists (select from appointments a
                  where a.appointment_id = t.appointment_id and (a.hold_id = t.hold_id or a.series_id is not null))

union all
select format('untold: nobody was told of the visit %s', a.appointment_id)
from appointments a
where not exists (select from agreed t
                  where t.asked = 'confirm' and t.appointment_id = a.appointment_id
                    and (t.hold_id = a.hold_id or a.series_id is not null))
  and not exists (select from maybe t where t.asked = 'confirm' and t.hold_id = a.hold_id)

union all
select format('elsewhere: %s is where nobody was told', a.appointment_id)
from appointments a
where not exists (select from agreed t
                  where t.appointment_id = a.appointment_id and t.practitioner_id = a.practitioner_id
                    and t.starts_at = a.starts_at)
  and not exists (select from maybe t
                  where (t.appointment_id = a.appointment_id and t.asked = 'reschedule') or t.hold_id = a.hold_id)

union all
select format('cancelled: %s is, and nobody was told', a.appointment_id)
from appointments a
where a.status = 'cancelled'
  and not exists (select from told t
                  where t.appointment_id = a.appointment_id and t.asked in ('cancel', 'decline')
                    and t.status in (200, 503))

union all
select format('cancelled: %s is not, and %s was told so', a.appointment_id, t.owner)
from appointments a
join agreed t using (appointment_id)
where a.status <> 'cancelled' and t.asked in ('cancel', 'decline')

union all
select format('lost: %s was told of the hold %s', t.owner, t.hold_id)
from agreed t
where t.asked = 'hold'
  and not exists (select from holds h where h.hold_id = t.hold_id)
  and not exists (select from appointments a where a.hold_id = t.hold_id)
  and not exists (select from ended where ended.hold_id = t.hold_id)
  -- A session that chooses again lets go of what it held.
  and not exists (select from told later
                  where later.asked in ('hold', 'release') and later.owner = t.owner and later.n >= t.since
                    and later.n <> t.n and later.status <> 409)

union all
select format('untold: nobody was told of the hold %s', h.hold_id)
from holds h
where not exists (select from agreed t where t.asked = 'hold' and t.hold_id = h.hold_id)
  and not exists (select from maybe t where t.asked = 'hold' and t.owner = h.owner)

union all
select format('choosy: %s keeps %s times at once', owner, count(*))
from holds
where owner like 'session:%'
group by clinic_id, owner
having count(*) > 1
