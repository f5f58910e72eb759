package gpp

import (
	"bytes"
	"errors"

	"github.com/tangent-dsp/tangent/audience/bitstring"
)

// ErrUnreadable is what every text gets that cannot be read to its end. It
// says nothing of the text.
var ErrUnreadable = errors.New("gpp: the string cannot be read")

// MaxText is the longest text that is read.
const MaxText = 64 << 10

// maxSections is how many sections a string may have: some 27 are defined.
const maxSections = 64

// headerType is the first number of every string.
const headerType = 3

// String is a string's table of contents. It points into the text it was
// parsed from.
type String struct {
	text []byte // the sections, without the header
	ids  [maxSections]uint16
	n    int
}

// Parse reads the header of a string of version 1. The only error is
// [ErrUnreadable].
func Parse(text []byte) (s String, err error) {
	if len(text) == 0 || len(text) > MaxText {
		return String{}, ErrUnreadable
	}
	header, rest, some := bytes.Cut(text, []byte{'~'})
	r := bitstring.New(header)
	if r.Int(6) != headerType || r.Int(6) != 1 {
		return String{}, ErrUnreadable
	}
	id := 0
	for n := r.Int(12); n > 0 && !r.Bad(); n-- {
		isRange := r.Bit()
		id += r.Fibonacci()
		last := id
		if isRange {
			last += r.Fibonacci()
		}
		for ; id <= last && !r.Bad(); id++ {
			if s.n == maxSections || id > 1<<16-1 {
				r.Fail()
				break
			}
			s.ids[s.n] = uint16(id)
			s.n++
		}
		id = last
	}
	sections := 0
	if some {
		sections = 1 + bytes.Count(rest, []byte{'~'})
	}
	if !r.Ends() || sections != s.n {
		return String{}, ErrUnreadable
	}
	s.text = rest
	return s, nil
}

// Len returns how many sections there are.
func (s *String) Len() int { return s.n }

// ID returns the id of the section at an index.
func (s *String) ID(i int) int { return int(s.ids[i]) }

// Section returns the text of a section.
func (s *String) Section(id int) (text []byte, ok bool) {
	rest := s.text
	for i := range s.n {
		text, rest, _ = bytes.Cut(rest, []byte{'~'})
		if int(s.ids[i]) == id {
			return text, true
		}
	}
	return nil, false
}
