package app

import (
	"fmt"
	"strings"
)

// roles are what a process does.
type roles struct {
	bidder  bool // bids and notices
	control bool // the API
	worker  bool // booking and what learns; one leads, the others wait
}

// roleNames are the roles in the order in which they are told.
var roleNames = []string{"bidder", "control", "worker"}

// parseRoles reads "all", or some of bidder, control and worker.
func parseRoles(text string) (r roles, err error) {
	if text == "" || text == "all" {
		return roles{true, true, true}, nil
	}
	for _, name := range strings.Split(text, ",") {
		switch strings.TrimSpace(name) {
		case "bidder":
			r.bidder = true
		case "control":
			r.control = true
		case "worker":
			r.worker = true
		default:
			return roles{}, fmt.Errorf("role %q: allowed are all, or some of %s, separated by commas", name, strings.Join(roleNames, ", "))
		}
	}
	return r, nil
}

// all says whether the process does everything itself.
func (r roles) all() bool { return r.bidder && r.control && r.worker }

// names returns the roles by name.
func (r roles) names() []string {
	var names []string
	for i, has := range []bool{r.bidder, r.control, r.worker} {
		if has {
			names = append(names, roleNames[i])
		}
	}
	return names
}
