"""Rooms of parameters, as compiled rules open them: ``p = rooms.contact(at)``, then ``p.bad_weight``; see `sim.state`."""

from sim.state import Given, opener

politics, programmes, people, contact, work, incidents, communities, rumours = (
    opener(Given(room)) for room in ("politics", "programmes", "people", "contact", "work", "incidents", "communities", "rumours")
)
vocational, social_work, public_service, policing, organizing = (
    opener(Given(room)) for room in ("vocational", "social_work", "public_service", "policing", "organizing")
)
