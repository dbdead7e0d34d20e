;; Guards between what they guard and who calls it. Marks (;;@NAME) are where tests put the functions that they try.
(component
  (core module) ;; the guards: in the bytes, their module comes here

  ;; Stands for WASI and for the host, which is told what a guard says.
  (core module $wasi
    (memory (export "memory") 1)
    ;; two folders: 3, whose name is 5 bytes from 40 on, and 4, whose name is 6 from 50 on
    (data (i32.const 200) "\03\00\00\00\28\00\00\00\05\00\00\00\04\00\00\00\32\00\00\00\06\00\00\00")
    (data (i32.const 64) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
    (global $bytes (mut i64) (i64.const 0))
    (global $charged (mut i32) (i32.const 0))
    (global $done (mut i32) (i32.const 0))
    (global $charged-before (mut i32) (i32.const 0))
    (func (export "charge") (param i64)
      (global.set $bytes (i64.add (global.get $bytes) (local.get 0)))
      (global.set $charged (i32.add (global.get $charged) (i32.const 1))))
    (func (export "reserve-handles") (param i32))
    ;; What else the host is told: which of them, and with what. Paths of nine bytes it refuses.
    (global $told (mut i32) (i32.const 4096))
    (func $tell (param i32)
      (i32.store (global.get $told) (local.get 0))
      (global.set $told (i32.add (global.get $told) (i32.const 4))))
    (func (export "may-use") (param i32 i32) (result i32)
      (call $tell (i32.const 2)) (call $tell (local.get 0)) (call $tell (local.get 1))
      (i32.ne (local.get 1) (i32.const 9)))
    (func (export "granted") (param i32 i32)
      (call $tell (i32.const 3)) (call $tell (local.get 0)) (call $tell (local.get 1)))
    (func (export "opened") (param i32 i32 i32 i32 i32 i32)
      (call $tell (i32.const 4)) (call $tell (local.get 0)) (call $tell (local.get 1)) (call $tell (local.get 2))
      (call $tell (local.get 3)) (call $tell (local.get 4)) (call $tell (local.get 5)))
    (func (export "streamed") (param i32 i32)
      (call $tell (i32.const 5)) (call $tell (local.get 0)) (call $tell (local.get 1)))
    (func (export "moved") (param i32 i32 i64)
      (call $tell (i32.const 6)) (call $tell (local.get 0)) (call $tell (local.get 1))
      (call $tell (i32.wrap_i64 (local.get 2))) (call $tell (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const 32)))))
    (func (export "closed") (param i32)
      (call $tell (i32.const 7)) (call $tell (local.get 0)))
    (func (export "told") (result i32) (global.get $told))
    (func (export "word") (param i32) (result i32) (i32.load (local.get 0)))
    (func $does
      (global.set $charged-before (global.get $charged))
      (global.set $done (i32.add (global.get $done) (i32.const 1))))
    (func (export "bytes") (result i64) (global.get $bytes))
    (func (export "charged") (result i32) (global.get $charged))
    (func (export "charged-before") (result i32) (global.get $charged-before))
    (func (export "done") (result i32) (global.get $done))
    (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
    ;;@wasi
  )

  (core module $guest
    (import "guards" "open" (global $open (mut i32)))
    ;;@imports
    (func (export "open") (result i32) (i32.add (global.get $open) (i32.const 1000))) ;; never below 0
    ;;@guest
  )

  (core instance $wasi (instantiate $wasi))
  (core instance $guards (instantiate 0 (with "wasi" (instance $wasi))))
  (core instance $guest (instantiate $guest (with "guards" (instance $guards))))

  (func (export "bytes") (result u64) (canon lift (core func $wasi "bytes")))
  (func (export "charged") (result u32) (canon lift (core func $wasi "charged")))
  (func (export "charged-before") (result u32) (canon lift (core func $wasi "charged-before")))
  (func (export "done") (result u32) (canon lift (core func $wasi "done")))
  (func (export "byte") (param "at" u32) (result u32) (canon lift (core func $wasi "byte")))
  (func (export "told") (result u32) (canon lift (core func $wasi "told")))
  (func (export "word") (param "at" u32) (result u32) (canon lift (core func $wasi "word")))
  (func (export "open") (result u32) (canon lift (core func $guest "open")))
  ;;@exports
)
