// Package native answers: which parts of a native creative does this request
// ask for, and how does it want to get them?
//
// [New] writes the JSON of every part when the catalog is built (Dynamic
// Native Ads 1.2, section 5). [Creative.Match] finds a part for each asset of
// a request, or says that one that is required cannot be had, before we bid.
// [Creative.Append] puts the parts together under the request's asset ids,
// without allocating.
//
// This package must never answer with an asset that was not asked for, or
// count by a method that the request does not list.
package native
