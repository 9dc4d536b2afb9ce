"""The named mechanisms of the model, each of which a scenario can switch off.

A switch replaces the parameters that carry the mechanism by the values at which it does nothing. So no rule branches on
a switch, and a run with one off differs from its twin in nothing else.
"""

from __future__ import annotations

from sim.declare import Mechanism
from sim.parameters import Parameters, all_parameters, with_overrides
from sim.registry import fresh, known, registered

_BUILT_IN: dict[str, Mechanism] = {
    "contact_warmth": Mechanism("meetings change warmth, and through it trust in strangers", {"contact.warmth_gain": 0.0}),
    "generalisation": Mechanism("part of what is felt for persons met extends to strangers", {"contact.generalisation": 0.0}),
    "tie_hold": Mechanism("live ties slow the fading of changed attitudes", {"people.tie_hold": 0.0}),
    "norms": Mechanism("the climate of a community weighs on its workers", {"people.norms": 0.0}),
    "extended_contact": Mechanism(
        "residents learn from the contacts of workers they know, and workers from colleagues' close ties",
        {"communities.extended_contact": 0.0, "people.colleagues_friends": 0.0},
    ),
    "exposure": Mechanism(
        "more visitors at a tense crossing are more occasions for incidents",
        {"incidents.exposure": 0.0},
    ),
    "mediation": Mechanism("people on duty with a tie across settle incidents", {"incidents.mediation": 0.0}),
    "bridge_figures": Mechanism("supported alumni are called in to mediate", {"incidents.bridge_call": 0.0}),
    "lent_ties": Mechanism("returnees of other professions lend their ties across the border", {"contact.lent_tie": 0.0}),
    "shared_standards": Mechanism(
        "shared standards calm incidents and better the contact",
        {"incidents.standards_calm": 0.0, "work.standards_quality": 0.0},
    ),
    "trust_escalation": Mechanism("community trust hinders the climb of incidents", {"incidents.trust_climb": 0.0}),
    "self_excitation": Mechanism(
        "incidents echo in time and nearby", {"incidents.branching": 0.0, "incidents.armed_at_once": 0.0}
    ),
    "drifting_baseline": Mechanism(
        "the rate of incidents drifts slowly at each crossing", {"incidents.drift_spread": 0.0}, on=False
    ),
    "standing_down": Mechanism(
        "armed actors stand down where few are killed, and may take up arms again", {"incidents.stand_down": 0.0}, on=False
    ),
    "livelihoods": Mechanism("projects and placements better livelihoods", {"communities.projects_livelihoods": 0.0}),
    "services": Mechanism("capable institutions better local services", {"communities.capability_services": 0.0}),
    "legitimacy": Mechanism(
        "services move legitimacy, and legitimacy grievance and security incidents",
        {
            "communities.services_legitimacy": 0.0,
            "communities.legitimacy_grievance": 0.0,
            "policing.legitimacy_security": 0.0,
        },
    ),
    "project_failure": Mechanism("joint projects that fail visibly start quarrels", {"vocational.failure_labour": 0.0}),
    "placement_rivalry": Mechanism(
        "workers placed from across are seen as rivals for work", {"vocational.placement_rivalry": 0.0}
    ),
    "backlog": Mechanism("staff away on rotation leave work undone", {"work.backlog_capability": 0.0}),
    "defection": Mechanism(
        "one-sided benefits make people and institutions leave",
        {"programmes.dropout_one_sided": 0.0, "programmes.withdrawal": 0.0},
    ),
    "backlash": Mechanism(
        "under hostile rhetoric participants are branded disloyal",
        {"programmes.branding": 0.0, "programmes.dropout_branding": 0.0},
    ),
    "funding_feedback": Mechanism("visible results move budgets", {"programmes.funding_feedback": 0.0}),
    "governance_shield": Mechanism("shared governance wards off part of a political blow", {"programmes.governance_shield": 0.0}),
    "mutual_aid": Mechanism("projects and placements soften a downturn", {"vocational.mutual_aid": 0.0}),
    "interdependence": Mechanism("work across the border wards off rhetoric", {"vocational.interdependence": 0.0}),
    "credibility": Mechanism("credible professional work displaces hostile rhetoric", {"vocational.credibility": 0.0}),
    "emigration": Mechanism("some placed workers move away for good", {"vocational.placement_emigration": 0.0}),
    "entrant_mentoring": Mechanism(
        "alumni pass skill, warmth and trust to new workers",
        {"work.entrant_skill": 0.0, "work.entrant_attitudes": 0.0},
    ),
    "leaders_backing": Mechanism(
        "officers use on the job, and services keep, what their leaders back",
        {"policing.buy_in_transfer": 0.0, "work.buy_in_keeps": 0.0},
    ),
    "audited_transfer": Mechanism("audits make officers use on the job what they were taught", {"policing.audit_transfer": 0.0}),
    "referrals": Mechanism(
        "trusted chains and agreements refer households across the border",
        {"social_work.referral": 0.0, "social_work.agreement_pace": 0.0},
    ),
    "shared_data": Mechanism(
        "shared assessment and data speed papers and triage, and without privacy keep households away",
        {"social_work.protocols_pace": 0.0, "social_work.triage_protocols": 0.0, "social_work.deterrence": 0.0},
    ),
    "hand_overs": Mechanism(
        "hand-overs between offices lose households", {"social_work.handover_loss": 0.0, "social_work.loss_legitimacy": 0.0}
    ),
    "case_conferences": Mechanism("case conferences find places across the border", {"social_work.conference_transfer": 0.0}),
    "crisis_services": Mechanism(
        "hotlines, shelters and corridors shorten the way to help",
        {
            "social_work.hotline_pace": 0.0,
            "social_work.shelter_places": 0.0,
            "social_work.corridor": 0.0,
            "social_work.hotline_warning": 0.0,
        },
    ),
    "prevention": Mechanism("preventive services avoid crises", {"social_work.prevention_effect": 0.0}),
    "stabilisers": Mechanism("work on jobs, school and gaps avoids returning crises", {"social_work.stabilisers_effect": 0.0}),
    "crisis_causes": Mechanism(
        "lacking livelihoods and remembered violence bring forth crises",
        {"social_work.livelihood_crises": 0.0, "social_work.memory_crises": 0.0},
    ),
    "caseload_strain": Mechanism("overload strains social workers", {"social_work.load_strain": 0.0}),
    "supervision": Mechanism(
        "peer supervision takes off strain and teaches",
        {"social_work.supervision_relief": 0.0, "social_work.supervision_competence": 0.0},
    ),
    "careers": Mechanism("careers across the border keep people in their posts", {"social_work.careers_retention": 0.0}),
    "unmet_crises": Mechanism(
        "unmet crises add grievance, cost legitimacy and trigger welfare incidents",
        {
            "social_work.unmet_grievance": 0.0,
            "social_work.unmet_legitimacy": 0.0,
            "social_work.unmet_welfare": 0.0,
        },
    ),
    "safety_net": Mechanism("help from across moves residents' trust", {"social_work.safety_net_trust": 0.0}),
    "pilots": Mechanism(
        "pilots enter the practice stock, teach by failing, disturb services, cost confidence and serve the well served",
        {
            "public_service.pilot_practice": 0.0,
            "public_service.pilot_lesson": 0.0,
            "public_service.pilot_gap": 0.0,
            "public_service.pilot_disruption": 0.0,
            "public_service.pilot_confidence": 0.0,
        },
    ),
    "mismatch": Mechanism("practices pay off less in unlike places", {"public_service.pilot_mismatch": 0.0}),
    "adaptation": Mechanism("tailoring a practice takes away what unlike places cost", {"public_service.adaptation_effect": 0.0}),
    "lessons": Mechanism(
        "failed pilots are learnt from where errors can be admitted",
        {"public_service.pilot_lesson": 0.0, "public_service.reflection_gain": 0.0},
    ),
    "joint_works": Mechanism(
        "joint works relieve what both sides use, and bring quarrels when they fail",
        {"public_service.works_relief": 0.0, "public_service.failure_services": 0.0},
    ),
    "works_governance": Mechanism(
        "roles, data and flexible governance decide whether joint works succeed",
        {
            "public_service.works_roles": 0.0,
            "public_service.works_data": 0.0,
            "public_service.works_flexibility": 0.0,
        },
    ),
    "contingency": Mechanism(
        "joint plans and ties across ward off part of a disaster",
        {"public_service.plan_relief": 0.0, "public_service.tie_relief": 0.0},
    ),
    "joint_bids": Mechanism("joint bids win outside funds", {"public_service.bid_success": 0.0}),
    "aligned_standards": Mechanism(
        "shared standards save duplicate work and rivalry between municipalities",
        {"public_service.duplication": 0.0, "public_service.rivalry_services": 0.0},
    ),
    "fairness": Mechanism(
        "a wider fairness gap adds grievance, costs legitimacy and triggers services incidents",
        {
            "public_service.gap_grievance": 0.0,
            "public_service.gap_legitimacy": 0.0,
            "public_service.gap_services": 0.0,
        },
    ),
    "inclusive_service": Mechanism("equity work narrows the fairness gap", {"public_service.equity_effect": 0.0}),
    "people_build": Mechanism("standards, data and plans hang on colleagues who have met", {"public_service.people_build": 0.0}),
    "open_books": Mechanism("open books move residents' confidence", {"public_service.ethics_legitimacy": 0.0}),
    "municipal_services": Mechanism("capable municipalities serve better", {"public_service.municipal_services": 0.0}),
    "service_quarrels": Mechanism(
        "poor services and scarce shared resources trigger services incidents",
        {"public_service.quality_services": 0.0, "public_service.strain_services": 0.0},
    ),
    "alumni_memory": Mechanism("alumni keep practice that would lapse or leave with people", {"work.alumni_keeps": 0.0}),
    "broken_promises": Mechanism("leaders whose grant falls lose buy-in", {"programmes.broken_promise": 0.0}),
    "colleague_learning": Mechanism("returnees' skill spreads to colleagues", {"work.colleague_learning": 0.0}),
    "practice_diffusion": Mechanism("practices are taken up from other institutions", {"work.practice_diffusion": 0.0}),
    "own_initiative": Mechanism("institutions take up practices by themselves", {"work.own_initiative": 0.0}),
    "spoils": Mechanism("elections replace public servants", {"politics.election_staff": 0.0}),
    "restraint": Mechanism(
        "restrained officers use less force, misbehave less, and let incidents climb less",
        {"policing.force_conduct": 0.0, "policing.misconduct_conduct": 0.0, "incidents.security_restraint": 0.0},
    ),
    "trained_response": Mechanism("competent officers end incidents sooner", {"incidents.security_response": 0.0}),
    "dialogue_first": Mechanism("a norm of dialogue first takes off part of tension's effect", {"policing.dialogue_heat": 0.0}),
    "misreading": Mechanism("two services may misread one incident, which then climbs more", {"policing.misread": 0.0}),
    "shared_picture": Mechanism("a shared picture avoids misreadings", {"policing.picture": 0.0}),
    "containment": Mechanism("shared procedures keep incidents from echoing", {"policing.containment": 0.0}),
    "early_warning": Mechanism(
        "residents who talk to the police warn of incidents",
        {"policing.early_warning": 0.0},
    ),
    "network_warning": Mechanism("movements' networks warn of incidents", {"organizing.network_warning": 0.0}),
    "professional_identity": Mechanism(
        "officers with a professional identity misbehave less",
        {"policing.misconduct_identity": 0.0, "policing.identity_oversight": 0.0},
    ),
    "oversight": Mechanism(
        "officers who answer for what they do misbehave less",
        {"policing.misconduct_accountability": 0.0, "policing.identity_oversight": 0.0},
    ),
    "repetition": Mechanism("uncorrected misconduct is repeated", {"policing.repeat": 0.0}),
    "correction": Mechanism(
        "learning and punishment keep misconduct from being repeated",
        {"policing.learning_correction": 0.0, "policing.punishment_correction": 0.0},
    ),
    "public_confidence": Mechanism(
        "restraint and accountability move legitimacy",
        {"policing.conduct_legitimacy": 0.0, "policing.accountability_legitimacy": 0.0},
    ),
    "misconduct_harm": Mechanism(
        "misconduct costs legitimacy and triggers incidents",
        {"policing.misconduct_legitimacy": 0.0, "policing.misconduct_security": 0.0},
    ),
    "unified_posture": Mechanism("services that act as one move residents' trust", {"policing.posture_trust": 0.0}),
    "repression": Mechanism("shared data that nobody checks serve repression", {"policing.repression": 0.0}),
    "rumours": Mechanism(
        "believed rumours move trust, tension, security and protest incidents",
        {"rumours.trust": 0.0, "rumours.tension": 0.0, "rumours.security": 0.0, "rumours.protest": 0.0},
    ),
    "rumour_spread": Mechanism("rumours move on through a side", {"rumours.spread": 0.0}),
    "rumour_checks": Mechanism(
        "organizers correct rumours across ties and by their network", {"rumours.tie_checks": 0.0, "rumours.network_checks": 0.0}
    ),
    "disbelief": Mechanism("residents who talk to the police believe rumours less", {"rumours.rapport_disbelief": 0.0}),
    "flashpoints": Mechanism("protests that may turn trigger protest incidents", {"organizing.flashpoint_protest": 0.0}),
    "discipline": Mechanism(
        "restrained organizers keep protest nonviolent and incidents from climbing",
        {"organizing.flashpoint_restraint": 0.0, "incidents.protest_restraint": 0.0},
    ),
    "agreed_roles": Mechanism("agreed roles take away part of what stress does to protest", {"organizing.protocols_stress": 0.0}),
    "cohesion": Mechanism("cohesion keeps protest nonviolent", {"organizing.flashpoint_cohesion": 0.0}),
    "splits": Mechanism(
        "splits cost practice and leave a radical flank", {"organizing.split_loss": 0.0, "organizing.flashpoint_flank": 0.0}
    ),
    "voice": Mechanism("nonviolent protest that is heard takes off grievance", {"organizing.voice": 0.0}),
    "quieting": Mechanism("contact quietens the protest of the side with more grievance", {"organizing.quieting": 0.0}),
    "burnout": Mechanism("organizers burn out", {"organizing.burnout": 0.0, "people.burnout_leaving": 0.0}),
    "mental_health": Mechanism("mental-health support avoids burnout", {"organizing.mental_health_effect": 0.0}),
    "movement_repression": Mechanism(
        "repression keeps organizers from acting, strains them, splits movements and turns protest",
        {
            "organizing.repression_cowed": 0.0,
            "organizing.repression_strain": 0.0,
            "organizing.flashpoint_repression": 0.0,
            "organizing.split_stress": 0.0,
        },
    ),
    "backfire": Mechanism(
        "repression of disciplined movements that becomes known backfires",
        {"organizing.backlash_grievance": 0.0, "organizing.backlash_protests": 0.0},
    ),
    "solidarity": Mechanism(
        "mutual aid from across shields organizers, takes off grievance and moves residents' trust",
        {"organizing.aid_shield": 0.0, "organizing.aid_grievance": 0.0, "organizing.solidarity": 0.0},
    ),
    "rotating_leadership": Mechanism(
        "rotating leadership keeps people and withstands repression",
        {"organizing.rotation_retention": 0.0, "organizing.rotation_shield": 0.0},
    ),
    "commons": Mechanism("commons keep practice that would lapse or leave with people", {"organizing.commons_keeps": 0.0}),
    "intrusion": Mechanism("visiting organizers who heed no bounds harm their hosts", {"organizing.intrusion": 0.0}),
    "boundaries": Mechanism("consent and boundary work avoids that harm", {"organizing.consent_effect": 0.0}),
    "mobilisation": Mechanism(
        "mixed roles, an alumni hub and outside lead speed campaigns",
        {"organizing.role_mix": 0.0, "organizing.hub_pace": 0.0, "organizing.outside_pace": 0.0},
    ),
    "joint_campaigns": Mechanism(
        "joint campaigns bring protest, and when won take off grievance and restore confidence and trust",
        {
            "organizing.claim_grievance": 0.0,
            "organizing.claim_legitimacy": 0.0,
            "organizing.claim_trust": 0.0,
            "organizing.campaign_protests": 0.0,
        },
    ),
    "campaign_help": Mechanism(
        "help from across and inclusion win campaigns", {"organizing.help_success": 0.0, "organizing.inclusive_success": 0.0}
    ),
    "outside_lead": Mechanism(
        "outside lead costs confidence and success", {"organizing.outside_lead_harm": 0.0, "organizing.local_success": 0.0}
    ),
    "reflection": Mechanism("debriefs turn experience into skill", {"work.reflection_gain": 0.0}),
}

MECHANISMS: dict[str, Mechanism] = _BUILT_IN | registered().mechanisms
"""Every mechanism, by name."""
fresh("mechanism", _BUILT_IN, registered().mechanisms)
known("parameter", [row.path for row in all_parameters()], {name: m.neutral for name, m in registered().mechanisms.items()})


def effective(parameters: Parameters, switches: dict[str, bool]) -> Parameters:
    """Return the parameters with the mechanisms that are off made neutral.

    Parameters
    ----------
    parameters : Parameters
        As declared and overridden.
    switches : dict
        Mechanism name to on or off; those not named keep their default.
    """
    overrides: dict[str, dict[str, float]] = {}
    for name, mechanism in MECHANISMS.items():
        if not switches.get(name, mechanism.on):
            for path, value in mechanism.neutral.items():
                room, field = path.split(".")
                overrides.setdefault(room, {})[field] = value
    return with_overrides(parameters, overrides)
