package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// byteBar draws how far bytes got on a terminal, one line that is written
// over; elsewhere it writes the last line only.
type byteBar struct {
	out   io.Writer
	live  bool
	verb  string // what happened to the bytes
	total int64  // 0: not known
	start time.Time

	bytes int64
	drawn time.Time
}

// redraw is how often the line is written over, at most.
const redraw = 200 * time.Millisecond

func (b *byteBar) reader(r io.Reader) io.Reader { return barReader{b, r} }
func (b *byteBar) writer(w io.Writer) io.Writer { return barWriter{b, w} }

type barReader struct {
	bar *byteBar
	r   io.Reader
}

func (r barReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.bar.add(n)
	return n, err
}

type barWriter struct {
	bar *byteBar
	w   io.Writer
}

func (w barWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.bar.add(n)
	return n, err
}

func (b *byteBar) add(n int) {
	b.bytes += int64(n)
	if now := time.Now(); b.live && now.Sub(b.drawn) >= redraw {
		b.drawn = now
		io.WriteString(b.out, "\r\x1b[K"+b.line(now, false))
	}
}

func (b *byteBar) end() {
	line := b.line(time.Now(), true) + "\n"
	if b.live {
		line = "\r\x1b[K" + line
	}
	io.WriteString(b.out, line)
}

func (b *byteBar) line(now time.Time, done bool) string {
	took := now.Sub(b.start)
	text := fmt.Sprintf("%.1f MB %s, %.1f MB/s", float64(b.bytes)/1e6, b.verb, float64(b.bytes)/1e6/max(took.Seconds(), 1e-3))
	if b.total == 0 {
		return text
	}
	const width = 30
	share := min(float64(b.bytes)/float64(b.total), 1)
	full := int(share * width)
	text = "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] " + text
	if share > 0 && !done {
		text += fmt.Sprintf(", %v left", time.Duration(float64(took)*(1-share)/share).Round(time.Second))
	}
	return text
}
