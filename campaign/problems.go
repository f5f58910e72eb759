package campaign

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem says what is wrong with one field.
type Problem struct {
	Field   string `json:"field"`   // JSON path: "targeting.dayparts[1].to"
	Message string `json:"message"` // what is allowed; never what was sent
}

// Problems is everything that a validation found wrong, in the order of the
// fields: at most [MaxProblems] of them, so that hostile input costs little.
// It is an error only when it is not empty; functions return it as error.
type Problems []Problem

// MaxProblems is how many problems a validation reports at most.
const MaxProblems = 20

// shown is how many problems Error spells out.
const shown = 5

// Error lists the first problems on one line.
func (p Problems) Error() string {
	var b strings.Builder
	b.WriteString("not valid")
	for i, q := range p {
		if i == shown {
			fmt.Fprintf(&b, "; and %d more", len(p)-shown)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep)
		if q.Field != "" {
			b.WriteString(q.Field)
			b.WriteByte(' ')
		}
		b.WriteString(q.Message)
	}
	return b.String()
}

// Err returns p as an error, or nil when there are no problems.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// check collects problems below one path. Its zero path is the root.
type check struct {
	found *Problems
	path  string
}

func newCheck() check { return check{found: new(Problems)} }

// in returns a check of an object's field.
func (c check) in(field string) check {
	if c.path != "" {
		field = c.path + "." + field
	}
	return check{found: c.found, path: field}
}

// at returns a check of an array's element.
func (c check) at(i int) check {
	return check{found: c.found, path: c.path + "[" + strconv.Itoa(i) + "]"}
}

// full says whether there is no room for more problems: then loops end.
func (c check) full() bool { return len(*c.found) >= MaxProblems }

// want notes a problem with a field of this object unless ok. field "" is
// the thing at the path itself.
func (c check) want(ok bool, field, format string, args ...any) bool {
	if ok {
		return true
	}
	if !c.full() {
		path := c.path
		if field != "" {
			path = c.in(field).path
		}
		*c.found = append(*c.found, Problem{Field: path, Message: fmt.Sprintf(format, args...)})
	}
	return false
}

func (c check) err() error { return c.found.Err() }
