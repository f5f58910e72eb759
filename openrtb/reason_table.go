package openrtb

// reasons is the table behind every method of Reason.
var reasons = [reasonCount]ReasonInfo{
	None:                 {Name: "none", Doc: "not a refusal"},
	UnknownExchange:      {"unknown_exchange", ScopeRequest, 2, "the URL names no exchange that is set up and active"},
	Malformed:            {"malformed", ScopeRequest, 2, "the body is not a bid request: bad JSON, bad UTF-8, no id, or nested too deep; answered 400, or 415 when it is packed otherwise than with gzip"},
	TooLarge:             {"too_large", ScopeRequest, 2, "the body or its unpacked size is above the limit; answered 413 or 400"},
	NoImps:               {"no_imps", ScopeRequest, 2, "the request has no imp with an id"},
	Draining:             {"draining", ScopeRequest, 0, "this bidder is shutting down"},
	Stopped:              {"stopped", ScopeRequest, 0, "bidding is switched off, or the ledger, the log, booking or the clock is unfit: on doubt we do not spend"},
	Overload:             {"overload", ScopeRequest, 0, "more requests are under way than this bidder accepts at once, or wait longer than it can make up for"},
	Throttled:            {"throttled", ScopeRequest, 0, "more requests per second came than the exchange's max_qps"},
	NoTime:               {"no_time", ScopeRequest, 15, "what tmax leaves after the network's share is too short, or ran out"},
	NoCurrency:           {"no_currency", ScopeRequest, 0, "the request lists currencies and none is one we bid in on this exchange"},
	SeatBlocked:          {"seat_blocked", ScopeRequest, 0, "our seat is in bseat, or wseat is given and does not list it"},
	ChainIncomplete:      {"chain_incomplete", ScopeRequest, 16, "the supply chain (schain) is unreadable, a node of it lacks asi, sid or hp, or a whole chain is required and it is absent or does not begin at the publisher"},
	ChainBlocked:         {"chain_blocked", ScopeRequest, 17, "the supply chain has too many nodes, has a seller twice, does not end at the exchange that asks, or a seller in it is not in its exchange's sellers.json"},
	SellerNotKnown:       {"seller_not_known", ScopeRequest, 11, "authorised sellers are required, and we have no ads.txt or app-ads.txt of the publisher"},
	SellerUnauthorised:   {"seller_unauthorised", ScopeRequest, 12, "the publisher's ads.txt or app-ads.txt names other sellers only"},
	Crawler:              {"crawler", ScopeRequest, 3, "the user agent is on the list of crawlers"},
	DataCentre:           {"data_centre", ScopeRequest, 5, "the client's address is on the list of data centres"},
	Suspicious:           {"suspicious", ScopeRequest, 4, "the request contradicts itself; tangent_supply_suspicious_total says how"},
	DryRun:               {"dry_run", ScopeRequest, 0, "the exchange is set to dry_run: there would have been a bid; tangent_bidder_dry_run_bids_total counts those"},
	NoFormat:             {"no_format", ScopeImp, 0, "the imp takes none of banner, video, audio and native"},
	FloorUnreadable:      {"floor_unreadable", ScopeImp, 0, "a floor was sent that is not a number: we do not guess"},
	FloorCurrencyUnknown: {"floor_currency_unknown", ScopeImp, 0, "there is no exchange rate for the floor's currency, or it is too old: we do not guess"},
	BlocksUnreadable:     {"blocks_unreadable", ScopeImp, 0, "a list of blocked or allowed things (bcat, acat, badv, bapp, battr, btype, wseat, bseat) was sent and could not be read: no bid could be shown to be allowed"},
	QuantityUnreadable:   {"quantity_unreadable", ScopeImp, 0, "qty was sent and is no number above 0: what a showing costs is not known"},
	PublicURLInsecure:    {"public_url_insecure", ScopeImp, 0, "the imp wants HTTPS, and our own pixel and click redirect would not be: public-url is http:// of another machine than this"},
	ImpRepeated:          {"imp_repeated", ScopeImp, 0, "an imp in front of it has the same id: a bid for one could not be told from one for the other"},
	DealsOnly:            {"deals_only", ScopeImp, 0, "the imp is a private auction and we hold none of its deals"},
	NoLineItem:           {"no_line_item", ScopeImp, 0, "the index holds no line item that could match this imp"},
	NotActive:            {"not_active", ScopeLineItem, 0, "the line item, its campaign or its advertiser is paused or archived"},
	OutsideFlight:        {"outside_flight", ScopeLineItem, 0, "the flight has not begun or has ended"},
	WrongExchange:        {"wrong_exchange", ScopeLineItem, 0, "the line item does not target this exchange"},
	NoRate:               {"no_rate", ScopeLineItem, 0, "there is no exchange rate between the advertiser's currency and the auction's, or it is too old to bid by"},
	WrongCountry:         {"wrong_country", ScopeLineItem, 0, "the device's country is not targeted, is excluded, or is unknown while countries are targeted"},
	WrongDevice:          {"wrong_device", ScopeLineItem, 0, "the device's type, make, model, operating system, browser or language is not targeted, or is not known"},
	WrongInventory:       {"wrong_inventory", ScopeLineItem, 0, "the site, app, publisher or placement is not in an include list, or is in an exclude list"},
	WrongDeal:            {"wrong_deal", ScopeLineItem, 0, "the imp offers none of the included deals, or only deals while the line item includes none, or invites none of the included seats, or an excluded one"},
	WrongPlace:           {"wrong_place", ScopeLineItem, 0, "the region, city, postal code, market area or point is not targeted, or is not known"},
	WrongNetwork:         {"wrong_network", ScopeLineItem, 0, "the address range, carrier or connection type is not targeted"},
	NotAuthorised:        {"not_authorised", ScopeLineItem, 0, "the line item wants sellers that the publisher's ads.txt or app-ads.txt lists, and this one is not known to be"},
	WrongContent:         {"wrong_content", ScopeLineItem, 0, "category, genre, language, rating, length, liveness or segments of the content are not targeted, or is not known"},
	WrongKeywords:        {"wrong_keywords", ScopeLineItem, 0, "the keywords, title and URL have none of the included phrases, or an excluded one"},
	WrongPlacement:       {"wrong_placement", ScopeLineItem, 0, "the imp's format, position, viewability, or being skippable or rewarded is not what the line item targets"},
	OutsideDaypart:       {"outside_daypart", ScopeLineItem, 0, "the hour, in the advertiser's time zone or the user's, is not targeted"},
	WrongDemographics:    {"wrong_demographics", ScopeLineItem, 0, "the user's age or gender is not targeted, or may not be known"},
	WrongUserData:        {"wrong_user_data", ScopeLineItem, 0, "the request's keywords and segments of the user are not what is targeted, or may not be known"},
	UserUnknown:          {"user_unknown", ScopeLineItem, 8, "the line item needs the user (segments, recency, a frequency cap or curve), and there is no consent, no id, or no answer from the audience store in time"},
	WrongSegments:        {"wrong_segments", ScopeLineItem, 0, "the user's segments are not those that the line item wants"},
	WrongRecency:         {"wrong_recency", ScopeLineItem, 0, "the user's last impression, click or conversion is too near, or not near enough"},
	FrequencyCapped:      {"frequency_capped", ScopeLineItem, 9, "the user has seen the line item or campaign as often as its cap allows"},
	Repeated:             {"repeated", ScopeLineItem, 0, "the line item or creative bids on another imp of the request, or its advertiser on one of the same ad break"},
	NoPrice:              {"no_price", ScopeLineItem, 0, "the value times the multiplier is no positive amount"},
	BelowFloor:           {"below_floor", ScopeLineItem, 0, "the bid would be below the imp's floor"},
	NoMoney:              {"no_money", ScopeLineItem, 0, "a budget on the line item's path has no slice left to hold the bid against"},
	Outbid:               {"outbid", ScopeLineItem, 0, "another of our line items offers more for the imp; no response or metric has it, as the imp has a bid"},
	NotReached:           {"not_reached", ScopeLineItem, 0, "the time or the work that a request may take was used up before all line items were looked at; tangent_bidder_walks_cut_total counts that"},
	WrongSize:            {"wrong_size", ScopeCreative, 0, "the creative's format or size is none that the imp takes, or a size that the line item does not target"},
	WrongMedia:           {"wrong_media", ScopeCreative, 0, "the imp takes no MIME type, VAST version, bitrate, delivery, framework, skipping or linearity that the creative has"},
	WrongDuration:        {"wrong_duration", ScopeCreative, 0, "the video or audio lasts longer or shorter than the imp takes"},
	WrongAssets:          {"wrong_assets", ScopeCreative, 0, "the native creative has no part for an asset that the request requires, or cannot be counted by our pixel there"},
	NotSecure:            {"not_secure", ScopeCreative, 0, "the imp wants HTTPS and the creative's markup is not"},
	NotApproved:          {"not_approved", ScopeCreative, 0, "the exchange rejected the creative, or requires an approval that it does not have"},
	BlockedAdvertiser:    {"blocked_advertiser", ScopeCreative, 0, "an advertiser domain of the creative or the host of its landing page, or a domain above it, is in badv"},
	BlockedApp:           {"blocked_app", ScopeCreative, 0, "the app that the creative advertises is in bapp"},
	BlockedCategory:      {"blocked_category", ScopeCreative, 0, "a category of the creative, or its parent, is in bcat; or acat is given and does not list each category or its parent; or either is given and the creative has no category; or the lists are in a taxonomy that we cannot compare; docs/creatives.md says how taxonomies compare"},
	BlockedAttribute:     {"blocked_attribute", ScopeCreative, 0, "an attribute of the creative is in battr, or it expands and the directions in expdir may not be its own"},
	BlockedType:          {"blocked_type", ScopeCreative, 0, "the banner type is in btype"},
	WrongLanguage:        {"wrong_language", ScopeCreative, 0, "the creative's language is not in wlang or wlangb"},
	DealDomain:           {"deal_domain", ScopeCreative, 0, "the deal lists advertiser domains (wadomain), and a domain of the creative is not among them"},
}

// Info returns the row of the table for r.
func (r Reason) Info() ReasonInfo {
	if r < reasonCount {
		return reasons[r]
	}
	return reasons[None]
}

// String returns the reason's name.
func (r Reason) String() string { return r.Info().Name }

// Reasons returns every reason for which Tangent refuses, in the table's order.
func Reasons() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := None + 1; r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}

// String returns the scope's name, as docs spell it.
func (s Scope) String() string {
	return [...]string{"request", "imp", "line item", "creative"}[s]
}
