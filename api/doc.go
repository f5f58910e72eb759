// Package api answers: how do advertisers and operators tell Tangent what
// they want, over HTTP?
//
// It serves /v1: advertisers, campaigns, line items, creatives and exchanges
// (create, read, list, merge-patch, pause, resume, archive), what advertisers
// pay beyond the media cost, the delivery of a budget, credits and other
// corrections of what was booked, the guard that stops all bidding, and the
// service's status. Shapes live in package api/v1, a typed client in
// api/client. Requests carry "Authorization: Bearer tk_..."; errors are problem
// details (RFC 9457) that name the field and what is allowed; the OpenAPI 3.1
// document is at /openapi.json and, for people, at /docs.
//
// This package must never show an internal error, an API key or another
// caller's text to a client, never log a key, never read a key from a URL,
// and never decide what a valid campaign is: package campaign does.
package api
