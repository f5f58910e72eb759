// Package crawl answers: what do publishers and exchanges say of their
// sellers today?
//
// It fetches ads.txt, app-ads.txt and sellers.json into a folder, politely and
// at most so often, and makes the snapshot of them that bidders read.
//
// What it connects to is named by others, so it never connects to an address
// that is not public, never sends a credential or a cookie, uses no proxy, and
// reads no more than it must. It must not run in the process that bids.
package crawl
