package openrtb

import (
	"bytes"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
)

// gunzipper is a reader with its source, which are used again together.
type gunzipper struct {
	src bytes.Reader
	gz  gzip.Reader
}

// Gunzip appends the unpacked src to dst. It stops as soon as the result is
// above a limit, so that a small body cannot take much memory or time. The
// error is a *DecodeError.
func (d *Decoder) Gunzip(dst, src []byte) ([]byte, error) {
	if len(src) > d.limits.MaxBody {
		return dst, &DecodeError{Reason: TooLarge, Msg: "the packed body is too large"}
	}
	g, _ := d.gzips.Get().(*gunzipper)
	if g == nil {
		g = new(gunzipper)
	}
	defer d.gzips.Put(g)
	g.src.Reset(src)
	defer g.src.Reset(nil)
	if err := g.gz.Reset(&g.src); err != nil {
		return dst, &DecodeError{Reason: Malformed, Msg: "the body is not gzip"}
	}
	limit := min(d.limits.MaxUnpacked, len(src)*d.limits.MaxGzipRatio)
	from := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(512, len(dst)-from))
		}
		// One byte above the limit tells that there is more.
		room := dst[len(dst):min(cap(dst), from+limit+1)]
		n, err := g.gz.Read(room)
		dst = dst[:len(dst)+n]
		switch {
		case len(dst)-from > limit:
			return dst[:from], &DecodeError{Reason: TooLarge, Offset: limit, Msg: "the unpacked body is too large, or packed too well"}
		case err == nil:
		case err == io.EOF:
			return dst, nil
		default:
			return dst[:from], &DecodeError{Reason: Malformed, Offset: len(dst) - from, Msg: "the gzip stream is damaged"}
		}
	}
}
