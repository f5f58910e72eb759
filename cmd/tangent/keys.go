package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store"
)

type keyCmd struct {
	databaseAt
	Create keyCreate `cmd:"" help:"Make a key and print it. It is not stored and cannot be shown again."`
	List   keyList   `cmd:"" help:"List keys by name; the keys themselves are not known."`
	Revoke keyRevoke `cmd:"" help:"End a key."`
}

type keyCreate struct {
	Name string `arg:"" help:"Who it is for."`
	Role string `env:"TANGENT_KEY_ROLE" default:"admin" enum:"admin,read" help:"What it may do: ${enum}."`
}

func (k *keyCreate) Run(ctx context.Context, c *cli, s streams) error {
	st, err := c.Key.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	plain, _, err := st.CreateKey(ctx, k.Name, store.Role(k.Role))
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, plain)
	return nil
}

type keyList struct{}

func (keyList) Run(ctx context.Context, c *cli, s streams) error {
	st, err := c.Key.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := st.ListKeys(ctx, store.Filter{Limit: store.MaxPage})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tROLE\tCREATED\tREVOKED")
	for _, k := range keys {
		revoked := ""
		if !k.RevokedAt.IsZero() {
			revoked = k.RevokedAt.Format(time.DateTime)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Role, k.CreatedAt.Format(time.DateTime), revoked)
	}
	return w.Flush()
}

type keyRevoke struct {
	ID int64 `arg:"" help:"As list shows it."`
}

func (k *keyRevoke) Run(ctx context.Context, c *cli, s streams) error {
	st, err := c.Key.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if _, err := st.RevokeKey(ctx, k.ID); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "revoked")
	return nil
}
