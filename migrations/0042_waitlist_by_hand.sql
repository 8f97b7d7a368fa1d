-- Staff put people on the waiting list and offer them times by hand; the list
-- says who did. None where a patient asked, or a time was offered by itself.
alter table waitlist_entries
    add column added_by uuid,
    add foreign key (clinic_id, added_by) references members;
alter table waitlist_offers
    add column offered_by uuid,
    add foreign key (clinic_id, offered_by) references members;
