package v1

import "time"

// GuardSpec is what a caller states who stops all bidding or lets it go on.
type GuardSpec struct {
	Reason string `json:"reason" minLength:"1" maxLength:"250" doc:"Why, for those who come upon it." example:"exchange bills twice"`
}

// Guard is the switch that stops all bidding, on every machine. Bidders look
// at it four times a second.
type Guard struct {
	Stopped bool      `json:"stopped" doc:"While it is true nobody bids and no budget is granted. Notices are taken and booked all the same."`
	Reason  string    `json:"reason,omitempty" doc:"Why it was last set; absent if it never was."`
	By      string    `json:"by,omitempty" doc:"Name of the API key, or of what else set it." example:"on-call"`
	At      time.Time `json:"at,omitzero" doc:"When it was set, on the market clock."`
}
