"""The domain's refusals as problems."""

from __future__ import annotations

from delivery_shared.http import ErrorTable

from identity_svc.admission import BadCredentials, InitialPasswordExpired, SecondFactorMissing
from identity_svc.commands.saved_views import TooManyViews
from identity_svc.domain.errors import (
    AccessKeyExpired,
    AccessKeysFull,
    AccountExists,
    BeingDeleted,
    DepartmentLoop,
    DepartmentNameTaken,
    DepartmentNotEmpty,
    EditedMeanwhile,
    HasUsers,
    IsvManagesItself,
    LoginNameTaken,
    MainAccountFixed,
    NoSecondFactor,
    NotACustomer,
    NotDeleted,
    NotFound,
    NumberTaken,
    OrdersUnopened,
    RolesNotAssignable,
    SecondFactorDemanded,
    SecondFactorSet,
    SecondFactorWrong,
    WrongPassword,
)
from identity_svc.links import CodeSpent, CodeWrong, GuestGone, LinkClosed
from identity_svc.passwords import PasswordRefused
from identity_svc.sessions import SessionEnded

ERRORS: ErrorTable = {
    NotFound: (404, "not-found", "未找到", "Not found"),
    NumberTaken: (409, "number-taken", "账号或客户编号 {number} 已存在", "The number {number} exists already"),
    LoginNameTaken: (409, "login-name-taken", "登录名称 {login_name} 已存在", "{login_name} exists already"),
    RolesNotAssignable: (422, "roles-not-assignable", "不可选择的角色：{roles}", "Roles not to be given: {roles}"),
    MainAccountFixed: (
        409,
        "main-account-fixed",
        "主账号不可编辑或删除",
        "The main account cannot be edited or deleted",
    ),
    NotDeleted: (
        409,
        "not-deleted",
        "只能清除已删除用户的个人信息",
        "Only the data of deleted users can be erased",
    ),
    NotACustomer: (409, "not-a-customer", "只能清除客户的名称", "Only the name of a customer can be erased"),
    IsvManagesItself: (
        409,
        "isv-manages-itself",
        "服务商的用户由其管理员维护",
        "The users of an ISV are managed by its admin",
    ),
    TooManyViews: (409, "too-many-views", "最多保存100个视图", "A user keeps at most 100 views"),
    BeingDeleted: (409, "being-deleted", "该用户正在删除", "The user is being deleted"),
    EditedMeanwhile: (412, "changed-meanwhile", "内容已被他人修改，请刷新后重试", "Changed meanwhile, reload it"),
    DepartmentNotEmpty: (409, "department-not-empty", "部门下存在员工或下级部门", "It has people or departments"),
    HasUsers: (409, "has-users", "该客户仍有用户，请先删除", "The customer still has users; delete them first"),
    DepartmentNameTaken: (
        409,
        "department-name-taken",
        "同一上级下已有部门 {name}",
        "{name} exists already at this place",
    ),
    DepartmentLoop: (409, "department-loop", "上级部门不能是其本身或下级", "A department cannot stand below itself"),
    PasswordRefused: (422, "password-refused", "密码不符合要求：{rule}", "The password is refused: {rule}"),
    WrongPassword: (422, "wrong-password", "原密码错误", "The present password is wrong"),
    BadCredentials: (401, "bad-credentials", "登录名称或密码错误", "Login name or password is wrong"),
    InitialPasswordExpired: (
        403,
        "initial-password-expired",
        "初始密码已过期，请联系管理员重置",
        "The initial password has expired, ask your admin for a new one",
    ),
    SecondFactorMissing: (401, "second-factor-missing", "请输入动态验证码", "A code of the second factor is needed"),
    SecondFactorWrong: (401, "second-factor-wrong", "动态验证码错误", "The code of the second factor is wrong"),
    SecondFactorDemanded: (
        403,
        "second-factor-demanded",
        "管理员要求启用两步验证",
        "Your admin demands a second factor of all users",
    ),
    SecondFactorSet: (409, "second-factor-set", "已启用两步验证", "There is a second factor already"),
    NoSecondFactor: (409, "no-second-factor", "尚未启用两步验证", "There is no second factor"),
    AccessKeysFull: (409, "access-keys-full", "最多可有{most}个访问密钥", "There are {most} access keys at most"),
    AccessKeyExpired: (422, "access-key-expired", "到期时间须晚于现在", "It is to expire later than now"),
    LinkClosed: (401, "link-closed", "链接已失效", "The link opens nothing any more"),
    GuestGone: (401, "session-ended", "访问已失效，请重新打开链接", "The session has ended, open the link again"),
    CodeWrong: (422, "code-wrong", "验证码错误", "The code is wrong"),
    CodeSpent: (409, "code-spent", "验证码已失效，请重新获取", "The code is no longer good, have another one sent"),
    AccountExists: (
        409,
        "account-exists",
        "该客户已有账号，请直接登录",
        "There is an account already, sign in",
    ),
    OrdersUnopened: (
        409,
        "orders-unopened",
        "您还有{total}个订单未在此设备验证，请逐一打开其链接并验证后再开通",
        "{total} of your orders have not been opened on this device: open the link of each and show its code first",
    ),
    SessionEnded: (401, "session-ended", "登录已失效，请重新登录", "The session has ended, sign in again"),
}
