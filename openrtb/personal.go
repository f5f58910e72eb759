package openrtb

import (
	"net/netip"
	"unsafe"
)

// rawUser holds personal data. Nothing here may be logged, stored or copied
// out but by the methods below; Request.String and LogValue keep it out of
// logs.
type rawUser struct {
	buyerUID, id, ifa []byte
	ip, ipv6          []byte
	eids              []EID
	attributes        UserAttributes
}

// EID is an extended id (sections 3.2.27 and 3.2.28). Its source and id are
// never empty.
type EID struct {
	Source   []byte // domain of who issued it
	ID       []byte
	AType    int    // list "Agent Types": 1 a browser, 2 a person within an app, 3 a person; 0 when absent
	Inserter []byte // domain of who put it into the request
	Matcher  []byte // domain of who matched it
	Method   int    // mm, list "ID Match Methods"; 0 when absent
}

// UserAttributes are what a request says about the person.
type UserAttributes struct {
	YearOfBirth int      // four digits; 0 when absent or not one
	Gender      byte     // 'M', 'F', 'O'; 0 when absent
	Keywords    [][]byte // keywords or kwarray, without space around them
	Data        []DataSegment
}

// DataSegment says that a data provider counts the person, or the content, in
// a segment (sections 3.2.21 and 3.2.22).
type DataSegment struct {
	Provider []byte // data.id, else data.name
	ID       []byte // segment.id, else segment.name; never empty
	Value    []byte // segment.value
	Taxonomy int    // data.ext.segtax; 0 when absent
}

// EachUserID calls visit with every user id in the request and its namespace,
// best first: "buyeruid", "ifa", each eid's source, "user". The namespace,
// too, is only valid until Release. It is the one way
// by which raw ids leave a request, with EachEID. Only package audience may
// call it, and only with a consent permit in hand: a test holds everybody to
// that.
func (r *Request) EachUserID(visit func(namespace string, id []byte) (more bool)) {
	if u := &r.user; len(u.buyerUID) > 0 && !visit("buyeruid", u.buyerUID) {
		return
	}
	if u := &r.user; len(u.ifa) > 0 && !visit("ifa", u.ifa) {
		return
	}
	for i := range r.user.eids {
		// The decoder keeps no eid without source or id.
		e := &r.user.eids[i]
		switch string(e.Source) {
		case "buyeruid", "ifa", "user":
			continue // it would pass for another kind
		}
		if !visit(unsafe.String(&e.Source[0], len(e.Source)), e.ID) {
			return
		}
	}
	if u := &r.user; len(u.id) > 0 {
		visit("user", u.id)
	}
}

// EachEID calls visit with every extended id, in the request's order. What
// is said of EachUserID holds for it.
func (r *Request) EachEID(visit func(e *EID) (more bool)) {
	for i := range r.user.eids {
		if !visit(&r.user.eids[i]) {
			return
		}
	}
}

// HasUserID says whether the request carries any user id, without showing it.
func (r *Request) HasUserID() bool {
	u := &r.user
	return len(u.buyerUID) > 0 || len(u.ifa) > 0 || len(u.id) > 0 || len(u.eids) > 0
}

// UserAttributes returns what the request says about the person, valid until
// Release. Only package audience may call it, and only with a consent permit
// in hand: the same test holds everybody to that.
func (r *Request) UserAttributes() *UserAttributes { return &r.user.attributes }

// ClientIP returns the device's address: ip, else ipv6. It is not valid when
// neither can be read; exchanges cut addresses short, which leaves a network's
// (192.0.2.0). An address is personal data: it may be looked up in tables of
// networks, by the few rooms that a test lists, and is never kept.
func (r *Request) ClientIP() netip.Addr {
	all := r.ClientIPs()
	return all[0]
}

// ClientIPs returns both of the device's addresses, ip and ipv6, under the
// rules of [Request.ClientIP]. Those that are valid come first.
func (r *Request) ClientIPs() (all [2]netip.Addr) {
	all[0], all[1] = parseIP(r.user.ip), parseIP(r.user.ipv6)
	if !all[0].IsValid() {
		all[0], all[1] = all[1], all[0]
	}
	return all
}

// parseIP reads an address without allocating: what the parser says is wrong
// is dropped, and zones, which it would intern, are refused before.
func parseIP(text []byte) netip.Addr {
	if len(text) == 0 || len(text) > 45 {
		return netip.Addr{}
	}
	for _, c := range text {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') && c != '.' && c != ':' {
			return netip.Addr{}
		}
	}
	a, err := netip.ParseAddr(unsafe.String(&text[0], len(text)))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
