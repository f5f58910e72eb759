package openrtb

// remedies say what to do about a reason that refuses a line item or one of
// its creatives again and again.
var remedies = [reasonCount]string{
	SeatBlocked:          "ask the exchange or publisher to invite the seat, or set advertiser_seats of the exchange",
	FloorCurrencyUnknown: "import exchange rates of the floor's currency: tangent rates import",
	PublicURLInsecure:    "give tangent serve a public-url that begins with https://",
	NotActive:            "resume the line item, its campaign and its advertiser",
	OutsideFlight:        "change the flight of the line item or campaign",
	WrongExchange:        "add the exchange to the line item's targeting",
	NoRate:               "import newer exchange rates: tangent rates import",
	WrongCountry:         "target more countries, or traffic of those that are targeted",
	WrongDevice:          "target more device types, makes, systems or browsers",
	WrongInventory:       "target more sites, apps or lists, or exclude fewer",
	WrongDeal:            "compare the deal and seat ids with those of the exchange, and ask whether the deal is live",
	WrongPlace:           "target larger areas; many requests say no more than a country",
	WrongNetwork:         "target more address ranges, carriers or connection types",
	NotAuthorised:        "fetch ads.txt more often (tangent supply refresh), or do not ask for authorised sellers only",
	WrongContent:         "target more categories, genres, languages or ratings; many requests name none",
	WrongKeywords:        "target more or shorter phrases",
	WrongPlacement:       "target more formats and positions, or a lower viewability",
	OutsideDaypart:       "wait, or target more hours",
	WrongDemographics:    "do not target age or gender: few requests may say them",
	WrongUserData:        "target more keywords and segments: few requests may say any",
	UserUnknown:          "look at consent, user sync and Redis; without segments, recency, caps and curves a line item needs no user",
	WrongSegments:        "import more users into the segments, or loosen the rule",
	WrongRecency:         "lengthen the windows",
	FrequencyCapped:      "allow more impressions per user, or reach more users",
	Repeated:             "nothing: another imp of the same page has the bid",
	NoPrice:              "raise the goal's amount; pacing may hold the bid down while the budget lasts too short",
	BelowFloor:           "raise the goal's amount and max_bid_cpm, or take cheaper inventory",
	NoMoney:              "wait: pacing spreads the budget over the day, a fresh start first learns what bids cost, and bids under way hold money until their notices come; raise the budget if all of it is spent",
	NotReached:           "pause or narrow line items that can never bid, above all of tens of thousands that only areas, address ranges or keywords tell apart; or ask the exchange for a longer tmax",
	Outbid:               "raise the goal's amount, or pause what competes with it: the other line item takes what this one would",
	WrongSize:            "add creatives of the sizes and formats that are asked for",
	WrongMedia:           "add files of other MIME types, bitrates or VAST versions",
	WrongDuration:        "add a longer or shorter cut",
	WrongAssets:          "give the native creative the images and texts that are required",
	NotSecure:            "serve the markup over HTTPS and set secure",
	NotApproved:          "have the exchange approve the creative, and enter its answer in approvals",
	BlockedAdvertiser:    "ask the publisher to unblock the domain, or take other inventory",
	BlockedApp:           "ask the publisher to unblock the app, or take other inventory",
	BlockedCategory:      "give the creative its categories; compare them with what is blocked; take other inventory",
	BlockedAttribute:     "compare the creative's attributes with what is blocked, or add a plainer creative",
	BlockedType:          "add a creative of another type",
	WrongLanguage:        "add a creative in the language",
	DealDomain:           "enter the creative's domains as the deal lists them, or have it list them",
}

// Remedy says what to do about a reason that refuses a line item or creative,
// and nothing for other reasons.
func (r Reason) Remedy() string {
	if r < reasonCount {
		return remedies[r]
	}
	return ""
}
