package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	redraw     = 200 * time.Millisecond // on a terminal
	redrawLog  = 30 * time.Second       // elsewhere: every line stays
	redrawSoon = 5 * time.Second        // elsewhere, of what is over in a minute
)

// progress tells how far long work is: on a terminal in a line that is written
// over, elsewhere in a line now and then. It is for one goroutine at a time.
type progress struct {
	out          io.Writer
	live         bool
	every        time.Duration // at most so often
	start, drawn time.Time
	share        float64 // done of all; below 0: nobody knows how much all is
	text         string
}

func newProgress(out io.Writer) *progress { return newProgressEvery(out, redrawLog) }

// newProgressEvery says how often a line may stay where none is written over.
func newProgressEvery(out io.Writer, every time.Duration) *progress {
	now := time.Now()
	p := &progress{out: out, live: isTerminal(out), every: redraw, start: now, share: -1}
	if !p.live {
		p.every, p.drawn = every, now
	}
	return p
}

// show draws, unless it just did.
func (p *progress) show(share float64, text string) {
	p.share, p.text = share, text
	now := time.Now()
	if now.Sub(p.drawn) < p.every {
		return
	}
	p.drawn = now
	line := p.line()
	if took := now.Sub(p.start); share > 0 && share < 1 {
		line += fmt.Sprintf(", %v left", time.Duration(float64(took)*(1-share)/share).Round(time.Second))
	}
	if !p.live {
		line += "\n"
	}
	p.write(line)
}

// say writes a line that stays.
func (p *progress) say(line string) { p.write(line + "\n") }

// end draws what was shown last, for good.
func (p *progress) end() {
	if p.text != "" {
		p.say(p.line())
	}
}

func (p *progress) line() string {
	if p.share < 0 {
		return p.text
	}
	const width = 30
	full := int(min(p.share, 1) * width)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] " + p.text
}

func (p *progress) write(line string) {
	if p.live {
		line = "\r\x1b[K" + line
	}
	_, _ = io.WriteString(p.out, line) // work goes on where nobody can be told
}

// shareOf returns what share shows: below 0 if all is not known.
func shareOf(done, all int64) float64 {
	if all <= 0 {
		return -1
	}
	return float64(done) / float64(all)
}

// bytesProgress shows bytes that go through a reader or a writer.
type bytesProgress struct {
	*progress
	verb       string // what happened to them
	all, bytes int64
}

func (b *bytesProgress) Write(p []byte) (int, error) {
	b.bytes += int64(len(p))
	took := max(time.Since(b.start).Seconds(), 1e-3)
	b.show(shareOf(b.bytes, b.all), fmt.Sprintf("%.1f MB %s, %.1f MB/s", float64(b.bytes)/1e6, b.verb, float64(b.bytes)/1e6/took))
	return len(p), nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
