package usersync

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Settings say how ids are matched with each exchange, by its name. An
// exchange that is not in them is not matched with.
type Settings struct{ exchanges map[string]*exchange }

type exchange struct {
	redirect *template // nil: browsers are not sent there
	answer   bool      // an exchange that sends a browser gets it back by redirect, too
	upload   []byte    // SHA-256 of the key for uploads; empty: none
}

// ReadSettings reads a JSON object:
//
//	{"exchanges": {"alpha": {
//	  "redirect": "https://match.alpha.example/dsp?id={uid}&gdpr={gdpr}",
//	  "answer": "redirect",
//	  "upload_key_sha256": "64 hex digits"
//	}}}
//
// redirect is where browsers are sent with our id; see parseTemplate for its
// macros. answer is what a browser gets that the exchange sent: "pixel", the
// default, or "redirect". All three may be left out.
func ReadSettings(in io.Reader) (*Settings, error) {
	var file struct {
		Exchanges map[string]struct {
			Redirect string `json:"redirect"`
			Answer   string `json:"answer"`
			Upload   string `json:"upload_key_sha256"`
		} `json:"exchanges"`
	}
	d := json.NewDecoder(io.LimitReader(in, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("cannot read the user sync settings: %w", err)
	}
	s := &Settings{exchanges: map[string]*exchange{}}
	for name, x := range file.Exchanges {
		e := &exchange{answer: x.Answer == "redirect"}
		fail := func(field string, err any) error {
			return fmt.Errorf("cannot use the user sync settings: exchange %s: %s: %v", name, field, err)
		}
		var err error
		if x.Redirect != "" {
			if e.redirect, err = parseTemplate(x.Redirect); err != nil {
				return nil, fail("redirect", err)
			}
		}
		switch {
		case x.Answer != "" && x.Answer != "pixel" && x.Answer != "redirect":
			return nil, fail("answer", "want pixel or redirect")
		case e.answer && e.redirect == nil:
			return nil, fail("answer", "there is no redirect")
		}
		if x.Upload != "" {
			if e.upload, err = hex.DecodeString(x.Upload); err != nil || len(e.upload) != 32 {
				return nil, fail("upload_key_sha256", "want 64 hex digits")
			}
		}
		s.exchanges[name] = e
	}
	return s, nil
}
