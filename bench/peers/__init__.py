"""What the fan-out is compared with: one small file each."""

from bench.contestant import Contestant
from bench.peers.bare import Bare
from bench.peers.mosquitto import Mosquitto
from bench.peers.nchan import Nchan
from bench.peers.node import SocketIo, Ws
from bench.peers.stock_channels import StockChannels

PEERS: tuple[type[Contestant], ...] = (Bare, Nchan, Ws, SocketIo, Mosquitto, StockChannels)
