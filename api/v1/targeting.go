package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Targeting is on the wire as it is stored; what follows are its parts.
type (
	Targeting      = campaign.Targeting
	Size           = campaign.Size
	Daypart        = campaign.Daypart
	Modifier       = campaign.Modifier
	FrequencyCurve = campaign.FrequencyCurve
	StringList     = campaign.List[string]
	SegmentList    = campaign.List[event.SegmentID]
)
