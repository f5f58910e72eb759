package loadtest

import (
	"math/rand/v2"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// maxImps is the most imps of one request. drawsOfImp has room for 16.
const maxImps = 3

// bidRequest is one request: its body, and what is needed to judge the
// answer. It is reused; nothing may keep its slices.
type bidRequest struct {
	seq      uint64
	id       string
	exchange *Exchange
	at       time.Time // market time
	tmax     time.Duration
	body     []byte
	imps     []imp
	blocks   *blocks
}

// imp is one impression opportunity.
type imp struct {
	id      string
	slot    *slot
	floor   money.Nanos // per impression; zero is none
	typical float64     // median of the competitors' bids, in nanos
}

// requestWriter writes bid requests from pieces that were encoded once, from
// the public OpenRTB types. It is only read after it was made.
type requestWriter struct {
	seed      uint64
	exchanges []Exchange
	shares    []float64
	tmaxLow   time.Duration
	tmaxHigh  time.Duration
	users     *population
	inventory *inventory
	slots     *slots
	blocks    []blocks
	blockSums []float64
	consents  consents
	devices   [][][]byte // by device and country, without the closing brace
	source    []byte     // with the supply chain
	oldSource []byte     // the same in 2.5
	mix       *mixed     // nil: banners, and privacy as it comes
	recorded  *Recorded  // nil: made-up ones
}

func newRequestWriter(cfg *ExchangeConfig) (*requestWriter, error) {
	exponent := zipf
	if cfg.Mix != nil {
		exponent = cfg.Mix.Zipf
	}
	w := &requestWriter{
		seed: cfg.Seed, exchanges: cfg.Exchanges,
		shares:  runningSums(cfg.Exchanges, func(_ int, x Exchange) float64 { return x.Share }),
		tmaxLow: cfg.TMaxLow, tmaxHigh: cfg.TMaxHigh,
		users: newPopulation(cfg.Seed, cfg.Users, exponent), recorded: cfg.Recorded,
		// Consent is older than the run, by a whole day so that runs which
		// begin on one market day have equal strings.
		consents: newConsents(cfg.VendorID, cfg.Clock.At(cfg.Start).Truncate(24*time.Hour).AddDate(0, 0, -1)),
	}
	var err error
	if cfg.Mix != nil {
		if w.mix, err = newMixed(cfg.Mix); err != nil {
			return nil, err
		}
	}
	if w.inventory, err = newInventory(); err != nil {
		return nil, err
	}
	if w.slots, err = newSlots(); err != nil {
		return nil, err
	}
	if w.blocks, err = newBlocks(); err != nil {
		return nil, err
	}
	if w.source, w.oldSource, err = newSources(); err != nil {
		return nil, err
	}
	w.blockSums = runningSums(w.blocks, func(_ int, b blocks) float64 { return b.weight })
	for d := range devices {
		var row [][]byte
		for c := range countries {
			body, err := devices[d].openJSON(&countries[c])
			if err != nil {
				return nil, err
			}
			row = append(row, body)
		}
		w.devices = append(w.devices, row)
	}
	return w, nil
}

// write makes r request number seq, of market time at.
func (w *requestWriter) write(r *bidRequest, seq uint64, at time.Time) {
	if w.recorded != nil {
		w.writeRecorded(r, seq, at)
		return
	}
	rng := draws(w.seed, seq, forRequest)
	number := w.users.pick(rng.Float64())
	if w.mix != nil && w.mix.InTurn {
		number = int(seq % uint64(w.users.users))
	}
	u := w.users.user(number)
	d := &devices[u.device]
	p := w.publication(rng, d)
	r.seq, r.at = seq, at
	r.exchange = &w.exchanges[weighted(w.shares, rng.Float64())]
	r.blocks = &w.blocks[weighted(w.blockSums, rng.Float64())]
	r.tmax = (w.tmaxLow + time.Duration(rng.Float64()*float64(w.tmaxHigh-w.tmaxLow))).Truncate(time.Millisecond)

	r.id = w.id(seq)
	b := append(r.body[:0], `{"id":"`...)
	b = append(append(b, r.id...), `","at":`...)
	b = append(appendInt(b, r.exchange.AuctionType), `,"tmax":`...)
	b = append(appendInt(b, int(r.tmax.Milliseconds())), `,"cur":["USD"]`...)
	b = append(b, r.blocks.json...)
	b = w.appendImps(b, r, rng, &u, p)
	b = append(append(append(b, `,"`...), p.field...), `":`...)
	b = append(b, p.json...)
	b = w.appendDevice(b, rng, &u, p)
	signals := w.consents.of(&u, p)
	if w.mix != nil {
		signals = w.consents.simple(&u, p, w.mix.Consent)
	}
	b = appendUser(b, &u, r.exchange, &signals)
	b = signals.appendRegs(b, r.exchange.Version)
	b = append(b, `,"source":`...)
	if r.exchange.Version == "2.5" {
		b = append(b, w.oldSource...)
	} else {
		b = append(b, w.source...)
	}
	r.body = append(b, '}')
}

// id returns the id of request seq.
func (w *requestWriter) id(seq uint64) string {
	var id [32]byte
	return string(appendHex(appendHex(id[:0], mix(w.seed^0x6964)), mix(mix(w.seed)^seq)))
}

func (w *requestWriter) publication(rng *rand.Rand, d *device) *publication {
	if d.apps && rng.Float64() < .6 {
		return &w.inventory.apps[weighted(w.inventory.appSums, rng.Float64())]
	}
	return &w.inventory.sites[weighted(w.inventory.siteSums, rng.Float64())]
}

func (w *requestWriter) appendImps(b []byte, r *bidRequest, rng *rand.Rand, u *user, p *publication) []byte {
	n := 1
	if rng.Float64() < .1 {
		n = 2 + rng.IntN(maxImps-1)
	}
	all, sums := w.slots.wide, w.slots.wideSums
	if devices[u.device].handheld() {
		all, sums = w.slots.narrow, w.slots.narrowSums
	}
	var formats *rand.Rand
	nobody := false
	if w.mix != nil {
		formats = draws(w.seed, r.seq, forMix)
		nobody = formats.Float64() < w.mix.NoBid
	}
	r.imps = r.imps[:0]
	b = append(b, `,"imp":[`...)
	for i := range n {
		m := imp{id: impIDs[i], slot: &all[weighted(sums, rng.Float64())]}
		if w.mix != nil {
			m.slot = w.mix.slot(formats, nobody, m.slot)
		}
		m.typical = typicalBid(m.slot.sizes[0], u.country, p.quality, r.at)
		m.floor = drawFloor(rng, m.typical)
		r.imps = append(r.imps, m)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"id":"`...), m.id...), `","`...)
		b = append(append(b, m.slot.field...), `":`...)
		b = append(append(b, m.slot.json...), `,"secure":1,"tagid":"slot-`...)
		b = append(append(b, m.id...), '"')
		if m.floor > 0 {
			b = append(b, `,"bidfloor":`...)
			b = append(m.floor.AppendCPM(b), `,"bidfloorcur":"USD"`...)
		}
		if w.mix != nil {
			b = w.mix.appendDeal(b, formats)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// impIDs is the ids of the imps of any request.
var impIDs = [maxImps]string{"1", "2", "3"}

func (w *requestWriter) appendDevice(b []byte, rng *rand.Rand, u *user, p *publication) []byte {
	place := 0
	for i := range countries {
		if u.country == &countries[i] {
			place = i
		}
	}
	b = append(append(b, `,"device":`...), w.devices[u.device][place]...)
	// Addresses are from the ranges that are set aside for documentation.
	b = append(b, `,"ip":"`...)
	b = append(b, [...]string{"192.0.2.", "198.51.100.", "203.0.113."}[rng.IntN(3)]...)
	b = append(appendInt(b, rng.IntN(256)), `","dnt":`...)
	b = append(appendFlag(b, u.dnt), `,"lmt":`...)
	b = appendFlag(b, u.lmt && p.app)
	if p.app {
		b = append(b, `,"ifa":"`...)
		b = append(u.appendIFA(b), '"')
	}
	return append(b, '}')
}

func appendUser(b []byte, u *user, x *Exchange, s *privacy) []byte {
	b = append(b, `,"user":{"id":"`...)
	b = append(u.appendExchangeID(b, x), '"')
	if u.known {
		b = append(b, `,"buyeruid":"`...)
		b = append(u.appendBuyerUID(b), '"')
	}
	return append(s.appendConsent(b, x.Version), '}')
}
