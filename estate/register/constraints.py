"""One table from a database constraint to the sentence that people read when they meet it."""

SENTENCES = {
    "ck_building_uprn_is_digits": "A UPRN is a number of up to 12 digits, such as 100011534567.",
    "ck_building_has_name": "Give the building a name.",
    "ck_building_gia_is_positive": "The gross internal area must be more than 0 m². Leave it empty where unknown.",
    "ck_building_nia_is_positive": "The net internal area must be more than 0 m². Leave it empty where unknown.",
    "ck_building_location_is_on_earth": "The latitude must be from -90 to 90 and the longitude from -180 to 180.",
    "ck_building_location_says_its_source": "A location must say where it came from.",
    "ck_building_protection_has_reason": "Say why no proposal may empty this building.",
    "ck_building_part_has_parent": "A part of a building must say which building it is a part of.",
    "ck_building_retired_has_date": "A retired record has the date of its retirement, and no other record has one.",
    "ck_building_bedrooms": "The number of bedrooms must be from 0 to 50. Leave it empty where unknown.",
    "ck_building_block_has_reference": "A block must have its landlord's reference.",
    "ck_area_population_people": "A population must be 0 people or more. Leave it out where it is unknown.",
    "ck_area_population_year": "The year of a population must be from 1801 to 2200.",
    "uq_area_population_current": (
        "Somebody stored a population of this area and year meanwhile. Import the file again."
    ),
    "ck_base_map_zooms": "The zooms of a base map go from 0 to 22, and the largest is not below the smallest.",
    "ck_base_map_address_is_https": "The address of a base map's tiles must begin with https://.",
    "ck_base_map_says_whose": "A base map must have a name, and say whose it is.",
    "uq_base_map_name_lower": "Another base map has this name.",
    "ck_interest_lease_dates": "The lease must end after it starts.",
    "ck_interest_rent": "The rent must be 0 or more. Leave it empty where it is unknown.",
    "ck_interest_break_window": "The last break can't come before the earliest.",
    "ck_interest_break_notice_months": "The notice must be 0 to 120 months. Leave it empty where it is unknown.",
    "ck_interest_break_penalty": "The penalty must be 0 or more. Leave it empty where it is unknown.",
    "ck_interest_review_every_months": "Reviews must come every 1 to 600 months. Leave it empty where unknown.",
    "ck_interest_end_has_reason": "Say why this interest ended.",
    "ck_occupation_area": "The area must be more than 0 m². Leave it empty where unknown.",
    "ck_occupation_workstations": "The number of workstations must be 0 or more.",
    "ck_occupation_fte": "The full-time equivalents must be 0 or more.",
    "ck_occupation_end_has_reason": "Say why this team left.",
    "ck_running_cost_amount": "A running cost must be 0 or more. Leave it out where it is unknown.",
    "ck_running_cost_year_start": "The financial year must start from 1990 to 2100.",
    "uq_running_cost_building_id_agency_id_category_code_year_start": (
        "This agency's cost of this category and year is in the register already. Change that one."
    ),
    "ck_planned_cost_amount": "A budget or forecast must be 0 or more. Leave it out where there is none.",
    "ck_planned_cost_year_start": "The financial year must start from 1990 to 2100.",
    "uq_planned_cost_key": (
        "This agency's budget or forecast of this category and year is in the register already. Change that one."
    ),
    "ck_occupancy_observation_capacity": "The capacity must be 1 or more people. Leave it empty where it is unknown.",
    "ck_occupancy_observation_average": "The average must be 0 people or more. Leave it empty where it is unknown.",
    "ck_occupancy_observation_peak_is_highest": "The peak can't be less than the average.",
    "ck_occupancy_observation_period": "The period must start on or before its last day.",
    "ck_occupancy_observation_hours_available": "The hours available must be more than 0. Leave them empty if unknown.",
    "ck_occupancy_observation_hours_used": "The hours used must be from 0 to the hours available.",
    "ck_occupancy_observation_retired_has_reason": "Say why this count is wrong.",
    "uq_occupancy_observation_key": "A count of this day and method is in the register already. Correct that one.",
}

FALLBACK = "This can't be stored: it breaks a rule of the register. Check what you entered."


def sentence_of(constraint: str | None) -> str:
    """The sentence for a constraint's name; a general one for an unknown or missing name."""
    return SENTENCES.get(constraint or "", FALLBACK)
