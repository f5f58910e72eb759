package app

import (
	"fmt"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// openSync makes what matches users' ids with exchanges'. Without settings it
// still takes opt-outs.
func (a *App) openSync(gate *audience.Gate) (err error) {
	a.syncer, err = usersync.New(usersync.Config{
		Writer: a.writer, Gate: gate, Keyer: a.keyer, Clock: a.clock,
		Exchange: func(name string) (event.ExchangeID, bool) {
			ex, ok := a.catalog.Load().Exchange([]byte(name))
			if !ok || ex.Status != campaign.Active {
				return 0, false
			}
			return ex.ID, true
		},
		Country: a.lists.places.Country, AddressHeader: a.cfg.AddressHeader,
		CookieLife: a.cfg.CookieLife, CookieDomain: a.cfg.CookieDomain, Partitioned: a.cfg.CookiePartitioned,
		Registerer: a.metrics, Logger: a.log,
	})
	if err != nil {
		return err
	}
	f := &listFile{setting: "user-sync", path: a.cfg.UserSync, use: use(usersync.ReadSettings, a.syncer.Use)}
	if _, err := f.look(); err != nil {
		return fmt.Errorf("%s: %w", f.setting, err)
	}
	a.lists.files = append(a.lists.files, f)
	return nil
}
