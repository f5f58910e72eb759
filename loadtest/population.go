package loadtest

import (
	"math"
	"strconv"
)

// country is where some of the users live.
type country struct {
	code      string // ISO 3166-1 alpha-3
	language  string
	utcOffset int // minutes
	gdpr      bool
	weight    float64
	price     float64 // of impressions, relative to the others
}

var countries = []country{
	{"USA", "en", -300, false, 36, 1.6},
	{"GBR", "en", 0, true, 12, 1.3},
	{"DEU", "de", 60, true, 18, 1.25},
	{"FRA", "fr", 60, true, 12, 1},
	{"BRA", "pt", -180, false, 10, .5},
	{"IND", "hi", 330, false, 8, .3},
	{"JPN", "ja", 540, false, 4, 1.1},
}

// population is the made-up users. Nobody is stored: a user's number and the
// seed give the rest, so that the audience file and the traffic agree.
type population struct {
	seed     uint64
	users    int
	places   []float64
	exponent float64 // of 1 - the Zipf exponent
	scale    float64
}

// zipf is the exponent of how often users come, unless a mix has another:
// rank r with weight r^-zipf.
const zipf = .8

func newPopulation(seed uint64, users int, zipf float64) *population {
	exponent := 1 - zipf
	if math.Abs(exponent) < 1e-6 {
		exponent = 1e-6 // the formula's limit is a logarithm; this is as good
	}
	return &population{
		seed: mix(seed ^ 0x75736572), users: users,
		places:   runningSums(countries, func(_ int, c country) float64 { return c.weight }),
		exponent: exponent,
		scale:    math.Pow(float64(users)+1, exponent) - 1,
	}
}

// pick returns the number of the user that u, within [0, 1), falls on: the
// inverse of the distribution's continuous form, which is close enough for
// traffic and costs one power.
func (p *population) pick(u float64) int {
	rank := int(math.Pow(u*p.scale+1, 1/p.exponent)) - 1
	return min(max(rank, 0), p.users-1)
}

// user is one of them.
type user struct {
	hash    uint64
	country *country
	known   bool // the exchange sends our id for the user
	device  int  // index into devices
	lmt     bool
	dnt     bool
}

func (p *population) user(number int) user {
	h := mix(p.seed ^ uint64(number))
	return user{
		hash:    h,
		country: &countries[weighted(p.places, share(mix(h^1)))],
		known:   share(mix(h^2)) < .85,
		device:  weighted(deviceSums, share(mix(h^3))),
		lmt:     share(mix(h^4)) < .08,
		dnt:     share(mix(h^5)) < .02,
	}
}

// appendBuyerUID appends our id for the user, as the audience file has it.
func (u *user) appendBuyerUID(b []byte) []byte { return appendHex(append(b, 'b'), mix(u.hash^6)) }

// appendExchangeID appends the exchange's own id for the user.
func (u *user) appendExchangeID(b []byte, x *Exchange) []byte {
	return appendHex(b, mix(u.hash^uint64(len(x.Name))<<8^uint64(x.Name[0])))
}

// appendIFA appends the device's advertising id: a UUID, or zeros when the
// user limits tracking.
func (u *user) appendIFA(b []byte) []byte {
	if u.lmt {
		return append(b, "00000000-0000-0000-0000-000000000000"...)
	}
	var hex [32]byte
	digits := appendHex(appendHex(hex[:0], mix(u.hash^7)), mix(u.hash^8))
	digits[12] = '4' // a random UUID
	digits[16] = "89ab"[digits[16]&3]
	for i, cut := range [...]int{8, 12, 16, 20, 32} {
		if i > 0 {
			b = append(b, '-')
		}
		b = append(b, digits[:cut][[...]int{0, 8, 12, 16, 20}[i]:]...)
	}
	return b
}

// appendHex appends 16 hexadecimal digits.
func appendHex(b []byte, x uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[x>>shift&15])
	}
	return b
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
