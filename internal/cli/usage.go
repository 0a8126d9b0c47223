package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
)

// usage is a wrong call; without a better hint it points to the help.
func usage(cmd *cobra.Command, format string, args ...any) *base.Error {
	return base.Errorf(base.Usage, format, args...).WithHint("see: %s --help", cmd.CommandPath())
}

func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	e := usage(cmd, "%s has no command %q", cmd.CommandPath(), word)
	if near := app.Nearest(word, names); near != "" {
		return e.WithHint("did you mean \"%s %s\"?", cmd.CommandPath(), near)
	}
	return e
}

// flagError words pflag's errors.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && cmd.HasAvailableSubCommands() && cmd.Flags().NArg() > 0:
		return unknownCommand(cmd, cmd.Flags().Arg(0))
	case errors.As(err, &unknown):
		return unknownFlag(cmd, unknown)
	case errors.As(err, &value):
		return usage(cmd, "--%s cannot be %q: it takes a %s", value.GetFlag().Name, value.GetValue(), typeWord(value.GetFlag().Value.Type()))
	case errors.As(err, &missing):
		return usage(cmd, "--%s needs a value", missing.GetSpecifiedName())
	}
	return usage(cmd, "%w", err)
}

func unknownFlag(cmd *cobra.Command, err *pflag.NotExistError) error {
	name := err.GetSpecifiedName()
	if shorts := err.GetSpecifiedShortnames(); shorts != "" {
		return usage(cmd, "%s has no flag -%s", cmd.CommandPath(), name)
	}
	var names []string
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	e := usage(cmd, "%s has no flag --%s", cmd.CommandPath(), name)
	if near := app.Nearest(name, names); near != "" {
		return e.WithHint("did you mean --%s?", near)
	}
	return e
}

func typeWord(t string) string {
	switch t {
	case "int", "int64", "uint64":
		return "whole number"
	case "bool":
		return "true or false"
	}
	return t
}

// exactly asks for the named arguments, no more and no fewer.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(cmd, "%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):], " and "))
		}
		return atMost(len(names))(cmd, args)
	}
}

// atMost allows n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(cmd, "%s does not know what to do with %q", cmd.CommandPath(), args[n])
		}
		return nil
	}
}

// keyValues reads repeated K=V arguments. Leading dashes of names, as Glue
// spells them, are dropped.
func keyValues(cmd *cobra.Command, pairs []string) (map[string]string, error) {
	if len(pairs) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		k = strings.TrimLeft(k, "-")
		if !ok || k == "" {
			return nil, usage(cmd, "--arg %q is not NAME=VALUE", p)
		}
		if _, twice := out[k]; twice {
			return nil, usage(cmd, "--arg %s is given twice", k)
		}
		out[k] = v
	}
	return out, nil
}
