package openrtb

import (
	"testing"

	"github.com/prebid/openrtb/v20/openrtb2"
)

// compareDevice fails when a field of the device differs.
func compareDevice(t *testing.T, d *Device, q *openrtb2.Device) {
	t.Helper()
	for _, c := range []struct {
		field string
		got   []byte
		want  string
	}{
		{"make", d.Make, q.Make}, {"model", d.Model, q.Model}, {"osv", d.OSVersion, q.OSV},
		{"carrier", d.Carrier, q.Carrier}, {"mccmnc", d.MCCMNC, q.MCCMNC},
	} {
		same(t, "device."+c.field, string(c.got), c.want)
	}
	same(t, "device.w", int64(d.W), whole(q.W))
	same(t, "device.h", int64(d.H), whole(q.H))
	same(t, "device.js", d.JS, isOne(q.JS))
	if q.ConnectionType != nil {
		same(t, "device.connectiontype", int64(d.ConnectionType), whole(int64(*q.ConnectionType)))
	}
	if g := q.Geo; g != nil {
		same(t, "geo.city", string(d.Geo.City), g.City)
		same(t, "geo.zip", string(d.Geo.Zip), g.ZIP)
		same(t, "geo.metro", string(d.Geo.Metro), g.Metro)
		if d.Geo.HasPoint {
			same(t, "geo.lat", d.Geo.Lat, *g.Lat)
			same(t, "geo.lon", d.Geo.Lon, *g.Lon)
		}
	}
}

// compareMedia fails when a field of video or audio differs, unless a field
// that the decoder refuses disabled the format.
func compareMedia(t *testing.T, imp *Imp, q *openrtb2.Imp) {
	t.Helper()
	if v := q.Video; v != nil && !imp.Video.Bad {
		m := &imp.Video.Media
		sameTexts(t, "video.mimes", m.Mimes, v.MIMEs, lower)
		same(t, "video.minduration", int64(m.MinDuration), v.MinDuration)
		same(t, "video.maxduration", int64(m.MaxDuration), v.MaxDuration)
		sameInts(t, "video.rqddurs", m.RequiredDurations, v.RqdDurs)
		if v.Protocol == 0 {
			sameInts(t, "video.protocols", m.Protocols, v.Protocols)
		}
		sameInts(t, "video.battr", m.BlockedAttributes, v.BAttr)
		sameInts(t, "video.api", m.APIs, v.API)
		sameInts(t, "video.delivery", m.Delivery, v.Delivery)
		same(t, "video.podid", string(m.PodID), v.PodID)
		same(t, "video.poddur", int64(m.PodDuration), v.PodDur)
		same(t, "video.maxseq", int64(m.MaxSequence), v.MaxSeq)
		same(t, "video.linearity", int64(imp.Video.Linearity), int64(v.Linearity))
		same(t, "video.companionad", len(m.CompanionAds) <= len(v.CompanionAd), true)
		if v.W != nil {
			same(t, "video.w", int64(imp.Video.W), *v.W)
		}
	}
	if a := q.Audio; a != nil && !imp.Audio.Bad {
		m := &imp.Audio.Media
		sameTexts(t, "audio.mimes", m.Mimes, a.MIMEs, lower)
		same(t, "audio.minduration", int64(m.MinDuration), a.MinDuration)
		same(t, "audio.maxduration", int64(m.MaxDuration), a.MaxDuration)
		sameInts(t, "audio.protocols", m.Protocols, a.Protocols)
		sameInts(t, "audio.battr", m.BlockedAttributes, a.BAttr)
		same(t, "audio.feed", int64(imp.Audio.Feed), int64(a.Feed))
	}
}
