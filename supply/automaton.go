package supply

// automaton finds many texts in one pass over another (Aho and Corasick,
// 1975), without regard to ASCII case: a user agent costs one step per byte,
// however long the list.
type automaton struct {
	class   [256]uint8 // bytes that no text has share class 0
	classes int
	next    []int32 // by state and class
	found   []int32 // by state: first of ends, or -1
	ends    []end
	lengths []int32 // by text
}

// end is a text that ends in a state, and the next one that does, or -1.
type end struct{ text, more int32 }

// maxStates bounds an automaton: at 40 classes, 80 MB.
const maxStates = 500_000

// newAutomaton takes texts in lower case, none empty. It is nil when they need
// too many states.
func newAutomaton(texts []string) *automaton {
	a := &automaton{classes: 1}
	for _, t := range texts {
		for i := range len(t) {
			if a.class[t[i]] == 0 {
				a.class[t[i]] = uint8(a.classes)
				a.classes++
			}
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		a.class[c] = a.class[c|0x20]
	}
	a.state()
	for id, t := range texts {
		at := int32(0)
		for i := range len(t) {
			to := &a.next[int(at)*a.classes+int(a.class[t[i]])]
			if *to == 0 {
				*to = int32(len(a.found))
				at = *to
				if a.state(); len(a.found) > maxStates {
					return nil
				}
				continue
			}
			at = *to
		}
		a.lengths = append(a.lengths, int32(len(t)))
		a.ends = append(a.ends, end{int32(id), a.found[at]})
		a.found[at] = int32(len(a.ends) - 1)
	}
	a.link()
	return a
}

func (a *automaton) state() {
	a.next = append(a.next, make([]int32, a.classes)...)
	a.found = append(a.found, -1)
}

// link turns the tree into an automaton: where a text cannot go on, the
// longest other text that is under way does.
func (a *automaton) link() {
	fail := make([]int32, len(a.found))
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for c := range a.classes {
			to := &a.next[int(at)*a.classes+c]
			back := int32(0)
			if at != 0 {
				back = a.next[int(fail[at])*a.classes+c]
			}
			if *to == 0 {
				*to = back
				continue
			}
			fail[*to] = back
			a.inherit(*to, back)
			queue = append(queue, *to)
		}
	}
}

// inherit adds to what ends in a state what ends in a shorter one. A list's
// tail is shared, so it is long but costs nothing.
func (a *automaton) inherit(state, from int32) {
	if a.found[state] < 0 {
		a.found[state] = a.found[from]
		return
	}
	last := a.found[state]
	for a.ends[last].more >= 0 {
		last = a.ends[last].more
	}
	a.ends[last].more = a.found[from]
}

// length is how many bytes a text has.
func (a *automaton) length(text int32) int { return int(a.lengths[text]) }

// find calls visit with every text that occurs in s and where it is past,
// until visit returns true, and says whether it did.
func (a *automaton) find(s []byte, visit func(text int32, past int) bool) bool {
	at := 0
	for i, c := range s {
		at = int(a.next[at*a.classes+int(a.class[c])])
		for e := a.found[at]; e >= 0; e = a.ends[e].more {
			if visit(a.ends[e].text, i+1) {
				return true
			}
		}
	}
	return false
}
