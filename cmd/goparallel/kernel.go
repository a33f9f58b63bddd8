package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/kernel"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/spf13/cobra"
)

func kernelCommand() *cobra.Command {
	var memory *string
	cmd := &cobra.Command{
		Use:   "kernel CONNECTION_FILE",
		Short: "Serve one notebook; Jupyter starts this",
		Long: "Kernel serves one notebook; Jupyter starts it. Arguments behind the connection file are ignored: jupyter run\n" +
			"and jupyter console hand on the files that they were given, and send what is in them themselves.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			info, err := jupyter.ReadConnectionFile(args[0])
			if err != nil {
				return err
			}
			channels, err := jupyter.Listen(info, log)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			k := kernel.New(kernel.Params{
				Channels: channels,
				Open: func(ctx context.Context, progress func(string)) (cell.Interpreter, error) {
					return openInterpreter(ctx, repl.Options{Memory: *memory, Progress: progress, History: historyFile()})
				},
				Earlier:   earlier(log),
				Version:   version,
				GoVersion: strings.TrimPrefix(toolchain.Version, "go"),
				Log:       log,
			})
			interrupts := make(chan os.Signal, 1)
			signal.Notify(interrupts, os.Interrupt)
			defer signal.Stop(interrupts)
			go func() {
				for {
					select {
					case <-interrupts:
						k.Interrupt()
					case <-ctx.Done():
						return
					}
				}
			}()
			if os.Getenv("JPY_PARENT_PID") != "" {
				go watchParent(ctx, cancel)
			}
			k.Run(ctx)
			return nil
		},
	}
	memory = memoryFlag(cmd)
	return cmd
}

// earlier returns the cells of earlier sessions.
func earlier(log *slog.Logger) []cell.Past {
	file := historyFile()
	if file == "" {
		return nil
	}
	cells, err := repl.Earlier(file)
	if err != nil {
		log.Warn("the history of earlier sessions cannot be read", "err", err)
	}
	return cells
}

// watchParent calls orphaned when the process that started this one is gone:
// a Jupyter server that was killed cannot shut its kernels down. Jupyter sets
// JPY_PARENT_PID for kernels that are to end with it.
func watchParent(ctx context.Context, orphaned func()) {
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				orphaned()
				return
			}
		}
	}
}
