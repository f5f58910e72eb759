package main

import (
	"context"
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/tangent-dsp/tangent/cmd/tangent/app"
)

type serveCmd struct {
	ConfigFile  kong.ConfigFlag `name:"config" placeholder:"FILE" help:"YAML file of settings: the long flag names below, one per line, without dashes in front."`
	CheckConfig bool            `help:"Check the configuration, say what is wrong with it, and exit."`
	app.Config
}

func (c *serveCmd) Run(ctx context.Context, s streams) error {
	if err := c.Config.Check(); err != nil {
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	if c.CheckConfig {
		for _, w := range c.Config.Warnings() {
			fmt.Fprintln(s.err, "warning: "+w)
		}
		fmt.Fprintln(s.out, "the configuration is fine")
		return nil
	}
	a, err := app.New(ctx, c.Config, version, app.NewLogger(s.err, c.LogLevel, c.LogFormat))
	if err != nil {
		return err
	}
	return a.Run(ctx)
}
