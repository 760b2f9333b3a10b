import type { Translated } from '..';
import type zh from '../zh/session';

const en: Translated<typeof zh> = {
  slogan: 'Every service order, delivered in plain sight.',
  login: {
    title: 'Sign in',
    name: 'Login name',
    namePlaceholder: 'Enter your login name',
    password: 'Password',
    passwordPlaceholder: 'Enter your password',
    submit: 'Sign in',
    ended: 'Your session has ended, sign in again',
  },
  password: {
    forcedTitle: 'Change your password',
    forcedHint: 'The initial password has to be changed before anything else.',
    current: 'Present password',
    next: 'New password',
    again: 'New password again',
    different: 'The two passwords differ',
    same: 'The new password must differ from the present one',
    submit: 'Change the password',
    changed: 'Password changed',
  },
  profile: {
    title: 'Personal data',
    account: 'Account',
    loginName: 'Login name',
    party: 'Company',
    department: 'Department',
    roles: 'Roles',
    data: 'Contact data',
    name: 'Name',
    mobile: 'Mobile',
    landline: 'Landline',
    area: 'Area code',
    number: 'Number',
    extension: 'Extension',
    email: 'Email',
    save: 'Save',
    saved: 'Personal data saved',
    invalidMobile: 'Enter a valid mobile number',
    invalidLandline: 'Enter a valid landline',
    invalidEmail: 'Enter a valid email address',
  },
};
export default en;
