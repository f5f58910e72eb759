package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
)

// toJSON returns the text of a column of JSON: never null.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if string(b) == "null" {
		return "[]", err
	}
	return string(b), err
}

// fromJSON scans a column of JSON. Empty lists and objects come out as zero
// values.
type fromJSON struct{ into any }

func (j fromJSON) Scan(from any) error {
	text, err := textOf(from)
	if err != nil || len(text) <= len("{}") {
		return err
	}
	return json.Unmarshal(text, j.into)
}

// localTime scans a column of local time.
type localTime struct{ into *campaign.LocalTime }

func (l localTime) Scan(from any) error {
	text, err := textOf(from)
	if err != nil {
		return err
	}
	return l.into.UnmarshalText(text)
}

// milliseconds scans a column of milliseconds.
type milliseconds struct{ into *time.Duration }

func (m milliseconds) Scan(from any) error {
	n, ok := from.(int64)
	if !ok {
		return fmt.Errorf("cannot read milliseconds from a %T", from)
	}
	*m.into = time.Duration(n) * time.Millisecond
	return nil
}

func textOf(from any) ([]byte, error) {
	switch from := from.(type) {
	case string:
		return []byte(from), nil
	case []byte:
		return from, nil
	}
	return nil, fmt.Errorf("cannot read a text from a %T", from)
}
