// Package tracking answers: what happened?
//
// A [Tracker] takes the win, billing and loss notices of exchanges, the
// impressions and clicks of browsers, and the conversions that advertisers tell
// of, under /n/. The sealed token in the URL
// says which bid it is about and what it may cost; the query says what the
// exchange claims. Both become an event, and the sender hears 200 when the
// event is durable. [Exposures] tells the audience which impressions a user
// saw, and what the user did.
//
// Answers follow one rule each:
//
//	200, or 302 for a click    the event is durable
//	503 with Retry-After       it is not: send it again
//	400                        not a token of ours for this route; of a conversion,
//	                           or an order that cannot be read
//	401                        a conversion by POST without the advertiser's key
//	404, 405                   not a route, or not GET or POST
//
// An authentic token of a notice never meets 400, however old it is and whatever its
// query says: an event that is too late or states no usable price is recorded
// as such, and booking decides what it costs. Only a click may be answered
// without being recorded (the person must arrive), and 404 when the creative
// is gone and leads nowhere.
//
// This package must never book money, never send anybody to a URL that a
// request names, never answer 200 for what is not durable, and never say or
// log why a token was refused, nor anything of its content, nor an order id.
package tracking
