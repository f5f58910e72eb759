// Package preview answers: what does this creative look like?
//
// [Page] writes one page of HTML that needs nothing else but what the creative
// itself loads. The page must never hold a token or a key, call a tracker, or
// run a script outside the frame that the creative is shown in.
package preview
