package openrtb

import "github.com/tangent-dsp/tangent/money"

// Media is what video and audio have in common (sections 3.2.7 and 3.2.8).
type Media struct {
	Mimes             [][]byte
	MinDuration       int   // seconds
	MaxDuration       int   // seconds; 0 when absent
	RequiredDurations []int // rqddurs: exact seconds, instead of the two above
	DurationFloors    []DurationFloor
	Protocols         []int // list "Creative Subtypes"; protocol of OpenRTB 2.2 is among them
	StartDelay        int   // seconds into the content; 0 before it, -1 amid it, -2 behind it
	HasStartDelay     bool
	Skippable         int // skip: 1 skippable, 0 not; -1 when absent
	SkipMin           int // only ads longer than so many seconds may be skipped
	SkipAfter         int // seconds until they may be
	MinBitrate        int // kbit/s; 0 when absent
	MaxBitrate        int
	MaxExtended       int   // maxextended: seconds beyond MaxDuration; -1 without limit, 0 none
	Delivery          []int // list "Delivery Methods"
	APIs              []int // api, list "API Frameworks"
	BlockedAttributes []int // battr
	CompanionAds      []Banner
	CompanionTypes    []int       // companiontype: 1 static, 2 HTML, 3 iframe
	PodID             []byte      // imps of one ad break share it
	PodDuration       int         // poddur: seconds of the whole break; 0 when this is one slot
	PodSequence       int         // podseq: 1 first break of the content, 0 any, -1 last
	SlotInPod         int         // slotinpod: 1 first, -1 last, 2 first or last, 0 any
	MaxSequence       int         // maxseq: ads that a break with PodDuration takes; 0 when absent
	MinCPMPerSecond   money.Nanos // mincpmpersec, per impression and second

	// Bad says that something which restricts the creative was sent and could
	// not be read: do not bid this format.
	Bad bool
}

// Video is what a video imp takes (section 3.2.7).
type Video struct {
	Media
	W, H            int   // device-independent pixels; 0 when absent
	Placement       int   // OpenRTB 2.5's
	Plcmt           int   // its successor, list "Plcmt Subtypes - Video"
	Linearity       int   // 1 linear, 2 overlay; 0 allows both
	PlaybackMethods []int // list "Playback Methods"
	PlaybackEnd     int
	Boxing          bool // boxingallowed: letter-boxing is; true when absent
	Position        int  // pos, list "Placement Positions"; 0 when unknown
}

// Audio is what an audio imp takes (section 3.2.8).
type Audio struct {
	Media
	Feed                int  // list "Feed Types": 1 music service, 2 broadcast, 3 podcast; 0 when absent
	Stitched            bool // stitched=1: the ad becomes part of the stream
	VolumeNormalization int  // nvol; 0 none, or unknown
}

// IsPodBreak says whether the imp is an ad break that takes several ads.
func (m *Media) IsPodBreak() bool { return m.PodDuration > 0 }

// FitsDuration says whether a creative of so many seconds may fill the imp.
func (m *Media) FitsDuration(seconds int) bool {
	if len(m.RequiredDurations) > 0 {
		for _, d := range m.RequiredDurations {
			if d == seconds {
				return true
			}
		}
		return false
	}
	longest := m.MaxDuration
	switch {
	case m.PodDuration > 0 && (longest == 0 || m.PodDuration < longest):
		longest = m.PodDuration
	case longest > 0 && m.MaxExtended < 0:
		longest = 0
	case longest > 0:
		longest += m.MaxExtended
	}
	return seconds >= m.MinDuration && (longest == 0 || seconds <= longest)
}
