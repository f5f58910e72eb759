package openrtb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// Phrases is what many markups have in common, so that each keeps only what it
// has of its own: a VAST document is mostly what its version wants said, and
// banners of one campaign mostly come from one ad server. It is immutable.
// Markups that refer to it keep its text, and not where what is in it.
type Phrases struct {
	text *string
	at   []uint32 // where each gram begins, ascending by the gram
}

// NewPhrases returns what HTML or documents of VAST say, for
// [NewCreativeWires] of others that are like them.
func NewPhrases(documents ...string) (*Phrases, error) {
	p := press{}
	for _, d := range documents {
		if err := p.add(d, macroNames[:]); err != nil {
			return nil, err
		}
	}
	said := &Phrases{text: new(string(p.own))}
	for at := uint32(0); int(at)+gram <= len(p.own); at++ {
		said.at = append(said.at, at)
	}
	slices.SortStableFunc(said.at, func(a, b uint32) int { return cmp.Compare(gramAt(p.own, a), gramAt(p.own, b)) })
	return said, nil
}

// longest returns where a text's beginning, of this gram, is said, as far as
// that goes: where more than one says as much, the first.
func (p *Phrases) longest(g uint64, text []byte) (at, n int) {
	i, _ := slices.BinarySearchFunc(p.at, g, func(at uint32, g uint64) int { return cmp.Compare(gramAt(*p.text, at), g) })
	for ; i < len(p.at) && n < len(text) && gramAt(*p.text, p.at[i]) == g; i++ {
		said := (*p.text)[p.at[i]:]
		if n < len(said) && said[n] == text[n] { // else it says less
			if m := common(said, text); m > n {
				at, n = int(p.at[i]), m
			}
		}
	}
	return at, n
}

// gram is how many bytes two texts must have in common for one to refer to the
// other. A reference takes some four.
const gram = 8

// gramAt returns the gram at a place of a text.
func gramAt[T string | []byte](text T, at uint32) (g uint64) {
	for i := range uint32(gram) {
		g |= uint64(text[at+i]) << (8 * i)
	}
	return g
}

// What markup is written in: macros, which are below, and references, each
// with where it begins and its length as varints.
const (
	ofOwn     = 0x40 + iota // what the markups that are kept together say
	ofPhrases               // what many do
)

// press writes markups that are kept together: what was said before, by
// another or by the phrases, is referred to.
type press struct {
	phrases *Phrases // nil for none
	own     []byte
	at      map[uint64]uint32 // grams of own; nil where no other markup comes after
	codes   [][]byte
}

// put writes text, which is escaped, to a markup.
func (p *press) put(code, text []byte) []byte {
	from := 0 // what is neither own nor a phrase yet
	for i := 0; i+gram <= len(text) && (p.at != nil || p.phrases != nil); {
		in, at, n := p.longest(text[i:])
		if n == 0 {
			i++
			continue
		}
		code = refer(p.say(code, text[from:i]), in, at, n)
		i += n
		from = i
	}
	return p.say(code, text[from:])
}

// say adds text that was not said before, but where it is short: an id is in
// every version.
func (p *press) say(code, text []byte) []byte {
	if len(text) == 0 {
		return code
	}
	if p.at != nil {
		if at := bytes.Index(p.own, text); at >= 0 {
			return refer(code, ofOwn, at, len(text))
		}
	}
	at := len(p.own)
	p.own = append(p.own, text...)
	if p.at != nil {
		for i := max(0, at-gram+1); i+gram <= len(p.own); i++ {
			g := gramAt(p.own, uint32(i))
			if _, there := p.at[g]; !there {
				p.at[g] = uint32(i)
			}
		}
	}
	return refer(code, ofOwn, at, len(text))
}

// longest returns where the text's beginning was said, as far as that goes.
func (p *press) longest(text []byte) (in byte, at, n int) {
	g := gramAt(text, 0)
	if i, said := p.at[g]; said {
		in, at, n = ofOwn, int(i), common(p.own[i:], text)
	}
	if p.phrases != nil {
		if i, m := p.phrases.longest(g, text); m > n {
			in, at, n = ofPhrases, i, m
		}
	}
	return in, at, n
}

// common returns how many bytes two texts begin with alike.
func common[T string | []byte](a T, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func refer(code []byte, in byte, at, n int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(append(code, in), uint64(at)), uint64(n))
}

// varint reads what refer wrote.
func varint(code string, i int) (v, next int) {
	for shift := 0; ; shift += 7 {
		c := code[i]
		i++
		if v |= int(c&0x7f) << shift; c < 0x80 {
			return v, i
		}
	}
}
