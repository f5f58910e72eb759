// Package supply answers: may this seller sell it, and is it a person who
// looks?
//
// A [Checker] looks at a bid request before anything else does: is its supply
// chain whole ([CheckChain]), does the publisher's ads.txt or app-ads.txt name
// the seller ([Snapshot]), is the user agent a known crawler ([Agents]), the
// address a data centre's, or does the request contradict itself ([Suspect]).
// What it looks things up in is immutable, in memory, and replaced as a whole.
//
// This package never opens a file or a connection: package supply/crawl fills
// the snapshot, elsewhere and at another time, and whoever wires a checker
// hands over readers. It never keeps an address or anything else of a request.
package supply
