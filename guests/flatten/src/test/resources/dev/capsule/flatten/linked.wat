;; A small component of the shape that componentize-py makes: shared libraries, a shim, a fixup. Comments of the form
;; ;;@NAME mark where tests put in what must be refused.
(component
  (type $host-type (instance
    (export "greet" (func (param "name" string) (result string)))
    (export "now" (func (result u64)))))
  (import "test:flat/host" (instance $host (type $host-type)))
  ;;@component

  ;; Slots for what does not exist yet when the libraries are instantiated.
  (core module $shim
    (type $greet (func (param i32 i32 i32)))
    (type $bump (func (result i32)))
    (table (export "$imports") 2 2 funcref)
    (func (export "0") (type $greet)
      local.get 0 local.get 1 local.get 2 i32.const 0 call_indirect (type $greet))
    (func (export "1") (type $bump)
      i32.const 1 call_indirect (type $bump))
    ;;@shim
  )

  ;; What the libraries share: memory, table, and where each library's parts of them lie.
  (core module $env
    (import "later" "bump" (func $bump (result i32)))
    (memory (export "memory") 2)
    (table (export "table") 8 8 funcref)
    (global (export "stack_pointer") (mut i32) (i32.const 1024))
    (global (export "libc:memory_base") i32 (i32.const 2048))
    (global (export "libc:table_base") i32 (i32.const 1))
    (global (export "app:memory_base") i32 (i32.const 4096))
    (global (export "app:table_base") i32 (i32.const 4))
    (global (export "got:message") (mut i32) (i32.const 2052))
    (global (export "ratio") (mut f64) (f64.const 2.5))
    ;; The application's function, for libraries that come before it.
    (type $callback (func (param i32 i32) (result i32)))
    (func (export "callback") (type $callback)
      local.get 0 local.get 1 i32.const 5 call_indirect (type $callback))
    (func (export "bump_twice") (result i32) call $bump drop call $bump)
    ;;@env
  )

  (core module $libc
    (import "env" "memory" (memory 1))
    (import "env" "table" (table 0 funcref))
    (import "env" "stack_pointer" (global $sp (mut i32)))
    (import "env" "memory_base" (global $data i32))
    (import "env" "table_base" (global $table i32))
    (import "env" "got_message" (global $message (mut i32)))
    (import "env" "callback" (func $callback (param i32 i32) (result i32)))
    (global $top (mut i32) (i32.const 8192))
    (global $bumps (mut i64) (i64.const 0))
    (data (global.get $data) "\01\02\03\04hello")
    (elem (global.get $table) func $relocate $one)
    (func $one (result i32) i32.const 1)
    ;; Never frees.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "bump") (result i32)
      (global.set $bumps (i64.add (global.get $bumps) (i64.const 1)))
      (i32.wrap_i64 (global.get $bumps)))
    (func (export "message_byte") (param i32) (result i32)
      (i32.load8_u (i32.add (global.get $message) (local.get 0))))
    (func (export "apply") (param i32) (result i32)
      (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
      (call $callback (local.get 0) (i32.load8_u offset=1 (global.get $data)))
      (global.set $sp (i32.add (global.get $sp) (i32.const 16))))
    (func $relocate)
    ;; Ran before the snapshot; nothing calls it any more.
    (func (export "apply_relocations") (global.set $message (i32.const 77)))
    ;;@libc
  )

  (core module $app
    (import "env" "table" (table 0 funcref))
    (import "env" "memory" (memory 1))
    (import "env" "memory_base" (global $data i32))
    (import "env" "table_base" (global $table i32))
    (import "env" "ratio" (global $ratio (mut f64)))
    (import "host" "greet" (func $greet (param i32 i32 i32)))
    (import "host" "now" (func $now (result i64)))
    (import "libc" "apply" (func $apply (param i32) (result i32)))
    (import "libc" "message_byte" (func $message_byte (param i32) (result i32)))
    (import "env" "bump_twice" (func $bump_twice (result i32)))
    ;;@imports
    (type $pair (func (param i32 i32) (result i32)))
    (global $calls (mut i32) (i32.const 0))
    (elem (global.get $table) func $first $weigh)
    (elem declare func $first)
    (data $late "\05\06\07\08")
    (data (global.get $data) "app")
    (func $first (param i32 i32) (result i32) local.get 0)
    (func $weigh (param i32 i32) (result i32)
      (i32.add (i32.mul (local.get 0) (local.get 0)) (local.get 1)))
    (func (export "run") (param i32 i32) (result i32)
      (call $greet (local.get 0) (local.get 1) (i32.const 64))
      (i32.const 64))
    (func (export "post_run") (param i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
    (func (export "calls") (result i32) global.get $calls)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "bump") (result i32) (call $bump_twice))
    ;; Tells a hundred apart whatever goes wrong with an index.
    (func (export "compute") (param $x i32) (result i32)
      (memory.init $late (i32.const 96) (i32.const 0) (i32.const 4))
      (local.get $x)
      (i32.load8_u (global.get $data))
      (block (param i32 i32) (result i32) (call_indirect (type $pair) (i32.const 4)))
      (i32.add (call $apply (local.get $x)))
      (i32.add (i32.mul (i32.const 100) (call $message_byte (i32.const 1))))
      (i32.add (i32.load8_u offset=98 (i32.const 0)))
      (i32.add (i32.wrap_i64 (call $now)))
      (i32.add (ref.is_null (ref.func $first)))
      (i32.add (i32x4.extract_lane 2 (i32x4.splat (local.get $x))))
      (i32.add (i32.trunc_f64_s (global.get $ratio))))
    (func (export "table_size") (result i32) table.size 0)
    ;;@app
  )

  (core module $fixup
    (import "" "0" (func (param i32 i32 i32)))
    (import "" "1" (func (result i32)))
    (import "" "$imports" (table 2 2 funcref))
    (elem (i32.const 0) func 0 1)
    ;;@fixup
  )

  (core instance $shim (instantiate $shim))
  (alias core export $shim "1" (core func $shim-bump))
  (core instance $later (export "bump" (func $shim-bump)))
  (core instance $env (instantiate $env (with "later" (instance $later))))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "table" (core table $table))
  (alias core export $env "stack_pointer" (core global $sp))
  (alias core export $env "libc:memory_base" (core global $libc-data))
  (alias core export $env "libc:table_base" (core global $libc-table))
  (alias core export $env "app:memory_base" (core global $app-data))
  (alias core export $env "app:table_base" (core global $app-table))
  (alias core export $env "got:message" (core global $got-message))
  (alias core export $env "ratio" (core global $ratio))
  (alias core export $env "callback" (core func $callback))
  (alias core export $env "bump_twice" (core func $bump-twice))
  (core instance $libc-env
    (export "memory" (memory $memory)) (export "table" (table $table)) (export "stack_pointer" (global $sp))
    (export "memory_base" (global $libc-data)) (export "table_base" (global $libc-table))
    (export "got_message" (global $got-message)) (export "callback" (func $callback)))
  (core instance $libc (instantiate $libc (with "env" (instance $libc-env))))
  (alias export $host "now" (func $now))
  (core func $lowered-now (canon lower (func $now)))
  (alias core export $shim "0" (core func $shim-greet))
  (core instance $app-host (export "greet" (func $shim-greet)) (export "now" (func $lowered-now)))
  (core instance $app-env
    (export "memory" (memory $memory)) (export "table" (table $table))
    (export "memory_base" (global $app-data)) (export "table_base" (global $app-table))
    (export "ratio" (global $ratio)) (export "bump_twice" (func $bump-twice)))
  (core instance $app (instantiate $app
    (with "env" (instance $app-env)) (with "host" (instance $app-host)) (with "libc" (instance $libc))))
  (alias export $host "greet" (func $greet))
  (alias core export $libc "realloc" (core func $realloc))
  (alias core export $libc "bump" (core func $bump))
  (alias core export $shim "$imports" (core table $imports))
  (core func $lowered-greet (canon lower (func $greet) (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core instance $slots
    (export "$imports" (table $imports)) (export "0" (func $lowered-greet)) (export "1" (func $bump)))
  (core instance $fixed (instantiate $fixup (with "" (instance $slots))))
  ;;@instances

  (alias core export $app "post_run" (core func $post-run))
  (func (export "run") (param "name" string) (result string)
    (canon lift (core func $app "run") (memory $memory) (realloc $realloc) (post-return $post-run)))
  (func (export "compute") (param "x" u32) (result u32) (canon lift (core func $app "compute")))
  (func (export "calls") (result u32) (canon lift (core func $app "calls")))
  (func (export "bump") (result u32) (canon lift (core func $app "bump")))
  (func (export "grow") (param "pages" u32) (result u32) (canon lift (core func $app "grow")))
  (func (export "table-size") (result u32) (canon lift (core func $app "table_size")))
  ;;@exports
)
