package store

import (
	"errors"

	"github.com/tangent-dsp/tangent/campaign"
)

// asParent says what is wrong with a parent that a new object names, given
// what reading it returned.
func asParent(err error, s campaign.Status, field, what string) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return problem(field, "must be an existing "+what)
	case err == nil && s == campaign.Archived:
		return problem(field, "must be an existing "+what+" that is not archived")
	}
	return err
}

// keepParent gives an update the parent that its object has: budgets and
// bookings hang from it.
func keepParent[ID ~int64](field string, was ID, is *ID) error {
	if *is == 0 {
		*is = was
	}
	if *is != was {
		return problem(field, "must stay as it is: create a new one instead")
	}
	return nil
}

// fresh makes an object new: it has no id yet, and is active unless told
// otherwise.
func fresh[ID ~int64](id *ID, s *campaign.Status) {
	*id = 0
	if *s == "" {
		*s = campaign.Active
	}
}
