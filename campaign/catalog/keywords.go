package catalog

import (
	"hash/maphash"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// What is read of a request for keywords, at most: the work for one request
// stays bounded, whatever a page calls itself.
const (
	maxWords   = 256
	maxURLText = 1024 // bytes of a URL
	wordSlots  = 2048 // a power of two, twice the phrases that there can be
)

// wordSet holds the phrases of one to four words that stand in a request's
// keywords, title and URL, or in the user's keywords, as hashes in open addressing. 0 is free.
type wordSet struct {
	known bool
	words int
	slots [wordSlots]uint64
	last  [campaign.MaxPhrase]uint64 // hashes of the words before
	run   int                        // how many of them there are
}

// phrase joins a phrase's hash with that of the next word.
func phrase(before, word uint64) uint64 {
	return bits.RotateLeft64(before, 23)*0x9e3779b97f4a7c15 ^ word | 1 // never 0
}

// phraseValue is the value of a configured keyword.
func phraseValue(keyword string) uint64 {
	var h uint64
	eachWord(keyword, func(word uint64) bool { h = phrase(h, word); return true }, func() {})
	return h
}

// eachWord calls word with the hash of every word of a text, in lower case,
// and stop where a phrase cannot go on: at a comma, a semicolon or a bar.
func eachWord[T string | []byte](text T, word func(uint64) bool, stop func()) {
	var buf [64]byte
	b := buf[:0]
	for i := 0; i <= len(text); {
		r, n := rune(-1), 1
		if i < len(text) {
			if r = rune(text[i]); r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(string(text[i:min(len(text), i+utf8.UTFMax)]))
			}
		}
		i += n
		if r >= 0 && campaign.IsWord(r) {
			if len(b) <= len(buf)-utf8.UTFMax { // longer words are cut, here as there
				b = utf8.AppendRune(b, unicode.ToLower(r))
			}
			continue
		}
		if len(b) > 0 {
			if !word(maphash.Bytes(seed, b)) {
				return
			}
			b = buf[:0]
		}
		if r == ',' || r == ';' || r == '|' {
			stop()
		}
	}
}

// read adds the phrases of a text.
func (s *wordSet) read(text []byte) {
	s.run = 0
	if s.words < maxWords {
		eachWord(text, s.word, s.stop)
	}
}

func (s *wordSet) stop() { s.run = 0 }

// word adds the phrases that end with a word.
func (s *wordSet) word(h uint64) bool {
	copy(s.last[1:], s.last[:])
	s.last[0] = h
	s.run = min(s.run+1, len(s.last))
	for n := 1; n <= s.run; n++ {
		var p uint64
		for i := n - 1; i >= 0; i-- {
			p = phrase(p, s.last[i])
		}
		s.add(p)
	}
	s.words++
	return s.words < maxWords
}

func (s *wordSet) add(p uint64) {
	i := p >> 32 % wordSlots
	for s.slots[i] != 0 && s.slots[i] != p {
		i = (i + 1) % wordSlots
	}
	s.slots[i] = p
}

func (s *wordSet) has(p uint64) bool {
	for i := p >> 32 % wordSlots; s.slots[i] != 0; i = (i + 1) % wordSlots {
		if s.slots[i] == p {
			return true
		}
	}
	return false
}

// phrases returns what stands in the request, read when first asked for.
func (q *Query) phrases() *wordSet {
	s := &q.known().words
	if s.known {
		return s
	}
	s.begin()
	p := q.publication()
	if p == nil {
		return s
	}
	s.lists(p.Keywords)
	if c := p.Content; c != nil {
		s.lists(c.Keywords)
		s.read(c.Title)
		s.url(c.URL)
	}
	s.url(p.Page)
	s.read(p.Name)
	return s
}

// userPhrases is phrases for the keywords of the user.
func (q *Query) userPhrases() *wordSet {
	s := &q.known().user
	if !s.known {
		s.begin()
		s.lists(q.UserKeywords)
	}
	return s
}

func (s *wordSet) begin() {
	s.known, s.words = true, 0
	clear(s.slots[:])
}

func (s *wordSet) lists(keywords [][]byte) {
	for _, k := range keywords {
		s.read(k)
	}
}

// url reads the words of a URL's path and query, percent signs undone.
func (s *wordSet) url(u []byte) {
	var buf [maxURLText]byte
	b := buf[:0]
	for i := pathOf(u); i < len(u) && len(b) < len(buf); i++ {
		c := u[i]
		if c == '%' && i+2 < len(u) {
			if hi, lo := hexValue(u[i+1]), hexValue(u[i+2]); hi < 16 && lo < 16 {
				c, i = hi<<4|lo, i+2
			}
		}
		b = append(b, c)
	}
	s.read(b)
}

// pathOf is where a URL's path begins.
func pathOf(u []byte) int {
	i := 0
	for ; i+2 < len(u); i++ {
		if u[i] == ':' && u[i+1] == '/' && u[i+2] == '/' {
			i += 3
			break
		}
	}
	for ; i < len(u) && u[i] != '/'; i++ {
	}
	return i
}

func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// keywordRule is about phrases in the request, or in the user's keywords.
type keywordRule struct {
	ofUser     bool
	take, skip []uint64
}

func (r *keywordRule) holds(q *Query) bool {
	s := (*wordSet)(nil)
	if r.ofUser {
		s = q.userPhrases()
	} else {
		s = q.phrases()
	}
	return (len(r.take) == 0 || s.hasAny(r.take)) && !s.hasAny(r.skip)
}

func (s *wordSet) hasAny(some []uint64) bool {
	for _, p := range some {
		if s.has(p) {
			return true
		}
	}
	return false
}

func (r *keywordRule) why() openrtb.Reason {
	if r.ofUser {
		return openrtb.WrongUserData
	}
	return openrtb.WrongKeywords
}
