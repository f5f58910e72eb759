// Package audience answers: who is there?
//
// A [Gate] reads the privacy signals of a bid request and gives a [Permit] or
// says why not. A [Keyer] turns a Permit and a request into a [UserKey], the
// only form in which Tangent knows a user. A [Reader] looks the key up in
// Redis and fills a [Profile]: the user's segments, the impressions the user
// saw, the clicks and conversions. A [Cache] may stand before Redis. A [Writer] adds exposures, imports segments,
// matches an exchange's ids with ours, keeps opt-outs and erases users;
// [Import] streams a file of segments through it.
//
// # The record
//
// A user is three Redis values under one hash tag, so that one MGET reads all
// and all live on one node of a Redis Cluster:
//
//	{key}:s  packed segments, each with its own expiry   (segments.go)
//	{key}:x  an append-only list of exposures            (exposures.go):
//	         impressions, clicks, conversions
//	{key}:i  which other ids are the same user's, or that
//	         the user opted out                          (identity.go)
//
// Ids that are matched with each other each have the whole record: a bid
// request knows one of them, and has one round trip.
//
// Windows, gaps and caps are computed when read. Losing Redis loses no money:
// nothing here is a balance.
//
// # What this package must never do
//
// It must never look up, derive a key, store or show anything of a user
// without a Permit, but to forget the user. No raw user id leaves [Keyer]; no error, metric or log
// of this package carries a user id, a key or a consent string.
package audience
