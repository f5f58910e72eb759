package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Targeting is where and to whom a line item bids. What is not given does not
// restrict; all that is given must hold.
type Targeting struct {
	Exchanges   []event.ExchangeID `json:"exchanges,omitempty" nullable:"false" doc:"Ids of exchanges."`
	Sizes       []Size             `json:"sizes,omitempty" nullable:"false" doc:"Narrows the creatives' sizes."`
	Countries   StringList         `json:"countries,omitzero" doc:"ISO 3166-1 alpha-3 codes, such as DEU."`
	DeviceTypes []int              `json:"device_types,omitempty" nullable:"false" doc:"OpenRTB list of device types, 1 to 8."`
	Sites       StringList         `json:"sites,omitzero" doc:"Domains; subdomains belong to them."`
	Apps        StringList         `json:"apps,omitzero" doc:"App bundles."`
	Segments    SegmentList        `json:"segments,omitzero" doc:"Any of those included, none of those excluded."`
	Dayparts    []Daypart          `json:"dayparts,omitempty" nullable:"false" doc:"Any of them."`
}

// StringList is what to take and what to leave.
type StringList struct {
	Include []string `json:"include,omitempty" nullable:"false" doc:"Only these; all if not given."`
	Exclude []string `json:"exclude,omitempty" nullable:"false" doc:"Never these, even if included."`
}

// SegmentList is which audience segments to take and which to leave.
type SegmentList struct {
	Include []event.SegmentID `json:"include,omitempty" nullable:"false" doc:"Users in any of these; all users if not given."`
	Exclude []event.SegmentID `json:"exclude,omitempty" nullable:"false" doc:"No users in any of these."`
}

// Size is width and height in CSS pixels.
type Size struct {
	W int `json:"w" doc:"Width in CSS pixels." example:"300"`
	H int `json:"h" doc:"Height in CSS pixels." example:"250"`
}

// Daypart is a stretch of hours on some days of the week.
type Daypart struct {
	Days []time.Weekday `json:"days" nullable:"false" doc:"Days of the week in the advertiser's time zone; 0 is Sunday."`
	From int            `json:"from" doc:"First hour, 0 to 23." example:"8"`
	To   int            `json:"to" doc:"Hour at which it ends, 1 to 24." example:"20"`
}

func (t Targeting) campaign() campaign.Targeting {
	out := campaign.Targeting{
		Exchanges: t.Exchanges, DeviceTypes: t.DeviceTypes,
		Countries: campaign.List[string](t.Countries), Sites: campaign.List[string](t.Sites),
		Apps: campaign.List[string](t.Apps), Segments: campaign.List[event.SegmentID](t.Segments),
	}
	for _, s := range t.Sizes {
		out.Sizes = append(out.Sizes, campaign.Size(s))
	}
	for _, d := range t.Dayparts {
		out.Dayparts = append(out.Dayparts, campaign.Daypart(d))
	}
	return out
}

func targetingOf(t campaign.Targeting) Targeting {
	out := Targeting{
		Exchanges: t.Exchanges, DeviceTypes: t.DeviceTypes,
		Countries: StringList(t.Countries), Sites: StringList(t.Sites),
		Apps: StringList(t.Apps), Segments: SegmentList(t.Segments),
	}
	for _, s := range t.Sizes {
		out.Sizes = append(out.Sizes, Size(s))
	}
	for _, d := range t.Dayparts {
		out.Dayparts = append(out.Dayparts, Daypart(d))
	}
	return out
}
