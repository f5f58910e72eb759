package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// verdict is what is wrong with a run that went well.
func verdict(r *load.Report) error {
	switch {
	case r.Violations > 0:
		return fmt.Errorf("%d bids, or answers as a whole, break the protocol", r.Violations)
	case r.Interrupted:
		return nil
	case r.Answers > 0:
		return errors.Join(alive(r), known(r))
	case r.Requests == 0 && r.Unsent == 0:
		return errors.New("no request was due: the rate is too low for so short a time")
	}
	for kind := range r.HTTPErrors {
		if strings.HasPrefix(kind, "status_") {
			return fmt.Errorf("no answer was 200 or 204, but for errors (%s): has the bidder the exchanges that --exchanges names?", r.Errors())
		}
	}
	return fmt.Errorf("nothing was answered (%s): is the bidder up?", r.Errors())
}

// alive says which of several bidders answered nothing, where others did.
func alive(r *load.Report) error {
	var all []error
	for _, t := range r.Dead() {
		all = append(all, fmt.Errorf("nothing was answered by %s (%d errors, %d connections refused): is it up, and is that its URL?", t.URL, t.Errors, t.Refused))
	}
	return errors.Join(all...)
}

// known says that the bidder has not all exchanges that are played.
func known(r *load.Report) error {
	if n := r.HTTPErrors["status_404"]; n > 0 {
		return fmt.Errorf("%d requests were answered 404: the bidder has not all exchanges that --exchanges names", n)
	}
	return nil
}
