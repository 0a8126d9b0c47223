// Command democheck compares the demo's four marts with its source: each mart
// is computed once more by plain SQL on the shop's own database, which knows
// nothing of the lake, and must agree in every affiliate and month.
//
//	democheck PROJECT MULGIL
//
// PROJECT is the project's folder with shop.db in it, MULGIL the program.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: democheck PROJECT MULGIL")
		os.Exit(2)
	}
	if err := check(context.Background(), os.Args[1], os.Args[2], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// check prints one line for each mart and returns an error if any differs.
func check(ctx context.Context, project, mulgil string, out io.Writer) error {
	src, err := fromSource(ctx, filepath.Join(project, "shop.db"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  %-24s %12s %20s %14s\n", "mart", "rows", "sum of amounts", "purchases")
	wrong := 0
	for _, m := range marts {
		got, err := fromLake(ctx, project, mulgil, m.name)
		if err != nil {
			return err
		}
		differ := compare(got, src.marts[m.name])
		verdict := "as the source says"
		if len(differ) > 0 {
			verdict = fmt.Sprintf("DIFFERS in %d of %d months", len(differ), len(src.marts[m.name]))
			wrong++
		}
		sum := got.total()
		fmt.Fprintf(out, "  %-24s %12s %20s %14s  %s\n", m.name, thousands(sum.Rows), thousands(int64(sum.Amount)), thousands(sum.Count), verdict)
		for i, d := range differ {
			if i == 3 {
				fmt.Fprintln(out, "    ...")
				break
			}
			fmt.Fprintln(out, "   ", d)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d marts differ from the source", wrong, len(marts))
	}
	overstated(out, src)
	return nil
}

// overstated tells by how much the published join counts sales twice.
func overstated(out io.Writer, src *source) {
	joined := src.marts[marts[0].name].total().Amount
	fmt.Fprintf(out, "\n  The shop sold %s: the published join overstates it by %.1f %%, because some postal codes\n"+
		"  name two districts. Each run's record says so; the job SILVER_UNIQUE joins without it.\n", thousands(int64(src.sold)), 100*(joined/src.sold-1))
}
