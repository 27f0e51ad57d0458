//! The service from outside: through sockets, and as a program.

#[cfg(test)]
#[path = "service/abuse.rs"]
mod abuse;
#[cfg(test)]
#[path = "service/drain.rs"]
mod drain;
#[cfg(test)]
#[path = "service/house.rs"]
mod house;
#[cfg(test)]
#[path = "service/http.rs"]
mod http;
#[cfg(test)]
#[path = "service/http2.rs"]
mod http2;
#[cfg(test)]
#[path = "service/noise.rs"]
#[cfg(target_os = "linux")]
mod noise;
#[cfg(test)]
#[path = "service/program.rs"]
mod program;
