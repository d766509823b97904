# What tests/vm/gdb has gdb do once it is connected and has the module's symbols. $cxx is 1 if the C++ half has
# debug information. The test looks at the lines that begin with "@", and at gdb's own between "@ backtrace" and
# "@ end".

# The C shim.
break vnet_start_xmit
continue
backtrace 2
info args
printf "@ shim: device %s, %u bytes\n", dev->name, skb->len

# The C++ core, where it looks at a frame of an unusual link (snull). Without debug information the first instruction is
# the place from which gdb finds the caller.
delete
if $cxx
  break vnet::Queue::admit_any
else
  break *vnet_core_tx_admit
end
continue
printf "@ backtrace\n"
backtrace 5
printf "@ end\n"
if $cxx
  info args
  print *this
  set $this = this
  set $frame = frame
  printf "@ core: device %s, open %d, ring of %u\n", ((struct net_device *)this->host_device_)->name, \
    this->open_.value_, this->rx_.mask_ + 1
end

# The caller's variables, seen from inside the core; send() is inlined there.
frame function vnet_start_xmit
up
info locals
printf "@ caller: device %s, queue %u, %u bytes\n", queue->dev->name, queue->index, skb->len
if $cxx
  printf "@ same queue %d, same length %d\n", (void *)queue->core == (void *)$this, skb->len == $frame->len
end

# Back in the shim with what the core answered.
delete
frame 0
finish
printf "@ answer: "
output (enum vnet_verdict)$eax
printf "\n"

# Tells the guest that we are done, by a variable of the module.
set var 'module.c'::params.pairs = 7
detach
printf "@ detached\n"
