package openrtb

// The readers below put a value where it belongs when it can be read, leave
// what is there when nothing was said, and set bad when what was said cannot
// be read.

func (p *parser) integerInto(to *int, bad *bool) {
	n, s := p.integer()
	switch s {
	case read:
		*to = n
	case unreadable:
		*bad = true
	}
}

// naturalInto takes no negative numbers.
func (p *parser) naturalInto(to *int, bad *bool) {
	n, s := p.integer()
	switch {
	case s == read && n >= 0:
		*to = n
	case s == read:
		p.bad()
		*bad = true
	case s == unreadable:
		*bad = true
	}
}

// flagInto reads 0 or 1 into a field that also knows -1, not said.
func (p *parser) flagInto(to *int, bad *bool) {
	set, s := p.flag()
	switch {
	case s == unreadable:
		*bad = true
	case s == absent:
	case set:
		*to = 1
	default:
		*to = 0
	}
}

func (p *parser) integersInto(to *[]int, bad *bool) {
	list, s := p.integers(&p.m.ints)
	*to = list
	*bad = *bad || s == unreadable
}

// mimes reads a list of media types, which become lower case.
func (p *parser) mimes(to *[][]byte, bad *bool) {
	list, s := p.texts(&p.m.texts)
	for _, m := range list {
		lower(m)
	}
	*to = list
	*bad = *bad || s == unreadable
}

// lowerText reads a text in lower case: a language, a system's name.
func (p *parser) lowerText() []byte {
	text, _ := p.text()
	lower(text)
	return text
}

// maxKeywords bounds what is kept of a list of keywords, and with it what
// matching them costs.
const maxKeywords = 256

// keywords reads keywords, separated by commas in one text or as a list of
// texts.
func (p *parser) keywords() [][]byte {
	from := len(p.m.texts)
	if p.b[p.i] == '"' {
		text, _ := p.text()
		for len(text) > 0 && len(p.m.texts)-from < maxKeywords {
			word := text
			text = nil
			for i, c := range word {
				if c == ',' {
					word, text = word[:i:i], word[i+1:]
					break
				}
			}
			if word = trim(word); len(word) > 0 {
				p.m.texts = append(p.m.texts, word)
			}
		}
		return p.m.texts[from:len(p.m.texts):len(p.m.texts)]
	}
	list, _ := p.texts(&p.m.texts)
	to := 0
	for _, word := range list {
		if word = trim(word); len(word) > 0 && to < maxKeywords {
			list[to] = word
			to++
		}
	}
	return list[:to:to]
}

// trim cuts the white space around a text.
func trim(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}
