package openrtb

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Packer packs responses. It is safe for concurrent use.
type Packer struct {
	pool sync.Pool // of *gzipWriter
}

type gzipWriter struct {
	z   *gzip.Writer
	out bytes.Buffer
}

// Gzip appends src to dst, packed as fast as gzip goes: what is saved is
// bytes on the wire, and what it costs is time in the auction.
func (p *Packer) Gzip(dst, src []byte) []byte {
	w, _ := p.pool.Get().(*gzipWriter)
	if w == nil {
		w = new(gzipWriter)
		w.z, _ = gzip.NewWriterLevel(&w.out, gzip.BestSpeed) // which is a level there is
	}
	defer p.pool.Put(w)
	w.out.Reset()
	w.z.Reset(&w.out)
	w.z.Write(src) // to memory: it does not fail
	w.z.Close()
	return append(dst, w.out.Bytes()...)
}

// AcceptsGzip says whether an Accept-Encoding header allows gzip (RFC 9110,
// section 12.5.3): by name, or by "*" where the name is not there; a weight
// of zero refuses.
func AcceptsGzip(header []byte) bool {
	any := false
	for len(header) > 0 {
		var entry []byte
		entry, header, _ = bytes.Cut(header, []byte(","))
		name, params, _ := bytes.Cut(entry, []byte(";"))
		name = trim(name)
		switch {
		case bytes.EqualFold(name, []byte("gzip")), bytes.EqualFold(name, []byte("x-gzip")):
			return weight(params) > 0
		case string(name) == "*":
			any = weight(params) > 0
		}
	}
	return any
}

// weight reads "q=0.5"; what cannot be read is 0, which refuses.
func weight(params []byte) float64 {
	params = trim(params)
	if len(params) == 0 {
		return 1
	}
	q, found := bytes.CutPrefix(bytes.ToLower(params), []byte("q="))
	if !found || len(q) > 5 {
		return 0
	}
	n, err := strconv.ParseFloat(string(q), 64)
	if err != nil {
		return 0
	}
	return n
}
