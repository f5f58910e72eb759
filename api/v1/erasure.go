package v1

import (
	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/event"
)

// ErasureSpec names whom to erase.
type ErasureSpec struct {
	Users  []UserID `json:"users" minItems:"1" maxItems:"100" doc:"Ids of the user, or of several. What is matched with them is erased as well."`
	OptOut bool     `json:"opt_out,omitempty" doc:"Keep anything from being stored or read again under these ids and those matched with them, for 400 days."`
}

// UserID is an id of a user, as bid requests have it.
type UserID struct {
	Kind       string           `json:"kind" enum:"buyeruid,user,ifa,idfa,gaid,aaid,oaid,caid,eid" doc:"Which id: user.buyeruid (ours), user.id (an exchange's own), device.ifa under any of its names, or one of user.eids."`
	Value      string           `json:"value" minLength:"1" maxLength:"512" doc:"The id. It is hashed and forgotten: it is neither stored nor logged." example:"6d92078a-8246-4ba4-ae5b-76104861e7dc"`
	Source     string           `json:"source,omitempty" maxLength:"253" doc:"Of kind eid: the source, a domain." example:"id.example.com"`
	ExchangeID event.ExchangeID `json:"exchange_id,omitempty" minimum:"1" doc:"Of kind user: whose id it is." example:"1"`
}

// Erasure says what was erased. An id is counted wherever something of it was.
type Erasure struct {
	IDs       int `json:"ids" doc:"Ids that were looked at: those given, and those matched with them." example:"3"`
	Segments  int `json:"segments" doc:"Ids whose segments were erased." example:"2"`
	Exposures int `json:"exposures" doc:"Ids whose impressions, clicks and conversions were erased." example:"2"`
	Matches   int `json:"matches" doc:"Ids that were taken apart from others." example:"3"`
	OptedOut  int `json:"opted_out" doc:"Ids that are marked as opted out now." example:"0"`
}

// ErasureOf returns the wire form of e.
func ErasureOf(e audience.Erased) Erasure { return Erasure(e) }
