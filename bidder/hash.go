package bidder

import "github.com/tangent-dsp/tangent/campaign/catalog"

// Randomness is a hash of the request and what it decides about, so that the
// same request has the same answer on every machine.

// hash is FNV-1a over b, mixed.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return catalog.Mix(h)
}
